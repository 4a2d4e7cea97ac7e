create schema other; create table other.t (n int check (n > 0), note text default 'a;b');
         create function other.f() returns trigger language plpgsql as $$ begin new.n := 1; return new; end $$;
         create trigger g before insert on other.t for each row execute function other.f();
         alter table "Lamp" enable row level security; create index on "Lamp" ((power * 2)) where power > 0;