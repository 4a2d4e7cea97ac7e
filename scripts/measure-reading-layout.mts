import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openEmbeddedPostgres } from "/work/wt-storage/cli/engines/embedded-postgres.ts";
const dataDir = mkdtempSync(join(tmpdir(), "energy-layout-"));
const engine = await openEmbeddedPostgres({ dataDir, log: () => {} });
const client = new pg.Client({ connectionString: engine.ownerUrl });
await client.connect();
console.log((await client.query("select enumvals from pg_settings where name='default_toast_compression'")).rows);
for (const oid of [1005,1007,1016,1022]) pg.types.setTypeParser(oid as never, (t: string) => JSON.parse(`[${t.slice(1,-1)}]`));
let seed = 1; const rnd = () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed / 0x7fffffff; };
type R = { us: number; v: number };
const day = 20000 * 86400e6;
const shapes: Record<string, (c: number) => R[]> = {
  "register .001, ms jitter": () => { let v = 48211376 + Math.floor(rnd()*1e6); return Array.from({length: 8640}, (_, i) => ({ us: day + i*10e6 + Math.floor(rnd()*60)*1000, v: (v += Math.floor(rnd()*6))/1000 })); },
  "power .1, exact 10s, smooth": () => { let v = 2310; return Array.from({length: 8640}, (_, i) => { if (rnd()<0.01) v = Math.floor(rnd()*30000); v += Math.floor(rnd()*9)-4; return { us: day + i*10e6, v: v/10 }; }); },
  "near-random .1, exact 10s": () => Array.from({length: 8640}, (_, i) => ({ us: day + i*10e6, v: Math.floor(rnd()*30000)/10 })),
  "random float64, us jitter": () => Array.from({length: 8640}, (_, i) => ({ us: day + i*10e6 + Math.floor(rnd()*60000), v: rnd()*1000 })),
  "register .001, 15 min": () => { let v = 48211376; return Array.from({length: 96}, (_, i) => ({ us: day + i*900e6, v: (v += Math.floor(rnd()*300))/1000 })); },
  "register .001, 60 s, ms jitter, a gap": () => { let v = 48211376; return Array.from({length: 1440}, (_, i) => ({ us: day + i*60e6+(i>700?15*60e6:0) + Math.floor(rnd()*60)*1000, v: (v += Math.floor(rnd()*40))/1000 })).filter(r=>r.us<day+86400e6); },
};
function deltas(a: number[]) { return a.map((x, i) => i ? x - a[i-1]! : x); }
function scaled(vals: number[]): { e: number; ints: number[] } | null { for (let e = 0; e <= 9; e++) { const m = 10**e; const ints = vals.map(v => Math.round(v*m)); if (ints.every((n, i) => Object.is(n/m, vals[i]) && Math.abs(n) < 2**52)) return { e, ints }; } return null; }
function split(rs: R[]) {
  const d = rs.slice(1).map((r, i) => r.us - rs[i]!.us);
  const counts = new Map<number, number>(); for (const x of d) counts.set(x, (counts.get(x) ?? 0) + 1);
  const mode = [...counts].sort((a,b)=>b[1]-a[1])[0]![0];
  const step = Math.round(d.slice().sort((a,b)=>a-b)[d.length>>1]!/1e6)*1e6 || mode;
  const res = d.map(x => x - step);
  let tick = 1e6; while (!res.every(x => x % tick === 0)) tick /= 1000;
  return { first: rs[0]!.us, step, tick, res: res.map(x => x/tick) };
}
const lit = (a: number[]) => `{${a.join()}}`;
const width = (a: number[]) => { const m = Math.max(...a.map(x => Math.abs(x))); return m < 32768 ? 2 : m < 2**31 ? 4 : 8; };
function varints(a: number[]): Buffer { const out: number[] = []; for (const x of a) { let z = x < 0 ? -2*x-1 : 2*x; while (z >= 128) { out.push(z % 128 + 128); z = Math.floor(z/128); } out.push(z); } return Buffer.from(out); }
await client.query(`
create table t_rows (channel_id int4, time timestamptz, value float8, primary key (channel_id, time) include (value));
create table t_wide (channel_id int4, day date, n int4, first int8, step int8, tick int4, e int2, start int8, t int8[], v int8[], f float8[], primary key (channel_id, day)) with (toast_tuple_target=128);
create table t_narrow (channel_id int4, day date, n int4, first int8, step int8, tick int4, e int2, start int8, t2 int2[], t4 int4[], t8 int8[], v2 int2[], v4 int4[], v8 int8[], f float8[], primary key (channel_id, day)) with (toast_tuple_target=128);
create table t_bytes (channel_id int4, day date, n int4, first int8, step int8, tick int4, e int2, start int8, t bytea, v bytea, f bytea, primary key (channel_id, day)) with (toast_tuple_target=128);
`);
for (const t of ["t_wide","t_narrow","t_bytes"]) { const {rows} = await client.query("select attname from pg_attribute where attrelid=$1::regclass and attnum>0 and attlen=-1",[t]); for (const r of rows) await client.query(`alter table ${t} alter ${r.attname} set storage ${process.argv[2] ?? "main"}`); }
const N = 200;
for (const [name, make] of Object.entries(shapes)) {
  await client.query("truncate t_rows, t_wide, t_narrow, t_bytes");
  let total = 0;
  for (let c = 0; c < N; c++) {
    const rs = make(c); total += rs.length; const s = split(rs); const sc = scaled(rs.map(r=>r.v));
    const res = s.res.every(x=>x===0) ? null : s.res;
    const vd = sc ? deltas(sc.ints).slice(1) : null; const start = sc ? sc.ints[0]! : null;
    const head = [c, rs.length, s.first, s.step, s.tick, sc?.e ?? null, start];
    await client.query(`insert into t_wide values ($1, '2024-10-04', $2,$3,$4,$5,$6,$7,$8::text::int8[],$9::text::int8[],$10::text::float8[])`, [...head, res && lit(res), vd && lit(vd), sc ? null : lit(rs.map(r=>r.v))]);
    const tw = res ? width(res) : 0, vw = vd ? width(vd) : 0;
    await client.query(`insert into t_narrow values ($1, '2024-10-04', $2,$3,$4,$5,$6,$7,$8::text::int2[],$9::text::int4[],$10::text::int8[],$11::text::int2[],$12::text::int4[],$13::text::int8[],$14::text::float8[])`, [...head, tw===2?lit(res!):null, tw===4?lit(res!):null, tw===8?lit(res!):null, vw===2?lit(vd!):null, vw===4?lit(vd!):null, vw===8?lit(vd!):null, sc?null:lit(rs.map(r=>r.v))]);
    await client.query(`insert into t_bytes values ($1, '2024-10-04', $2,$3,$4,$5,$6,$7,$8,$9,$10)`, [...head, res && varints(res), vd && varints(vd), sc ? null : Buffer.from(new Float64Array(rs.map(r=>r.v)).buffer)]);
    if (c < 20) await client.query(`insert into t_rows select $1, to_timestamp(t/1e6), v from unnest($2::float8[],$3::float8[]) x(t,v)`, [c, lit(rs.map(r=>r.us)), lit(rs.map(r=>r.v))]);
  }
  await client.query("vacuum analyze t_rows"); await client.query("vacuum analyze t_narrow");
  const size = async (t: string, n: number) => (Number((await client.query(`select pg_total_relation_size('${t}') s`)).rows[0].s)/n).toFixed(2);
  const time = async (q: string) => { const ts: number[] = []; for (let i = 0; i < 31; i++) { const b = performance.now(); await client.query(q, [i % 20]); ts.push(performance.now()-b); } return ts.sort((a,b)=>a-b)[15]!.toFixed(2); };
  console.log(name, { rows: await size("t_rows", total*20/N), wide: await size("t_wide", total), narrow: await size("t_narrow", total), bytes: await size("t_bytes", total),
   ms_rows: await time("select extract(epoch from time)::float8*1000 t, value from t_rows where channel_id=$1 order by time"),
   ms_rows_agg: await time("select array_agg(extract(epoch from time)::float8*1000 order by time) t, array_agg(value order by time) v from t_rows where channel_id=$1"),
   ms_narrow: await time("select * from t_narrow where channel_id=$1"),
   ms_bytes: await time("select * from t_bytes where channel_id=$1"),
   ms_narrow_sql: await time(`select count(*), max(time), sum(value) from t_narrow d cross join lateral (select d.first + (i-1)*d.step + d.tick * coalesce(sum(t) over w, 0) as time, (d.start + coalesce(sum(v) over w,0))/ (10^d.e)::float8 as value
     from unnest(coalesce(d.t2::int8[], d.t4::int8[], d.t8, array_fill(0::int8, array[d.n-1])), coalesce(d.v2::int8[], d.v4::int8[], d.v8)) with ordinality u(t, v, i) window w as (order by i rows unbounded preceding)) u where channel_id=$1`),
  });
}
await client.end(); await engine.stop(); rmSync(dataDir, { recursive: true, force: true });
