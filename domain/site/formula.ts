import { readMeterId, type MeterId } from "./meter.ts";

/**
 * The formula of a virtual meter: meters by their number (`c12`, `v3`), numbers, + - * /, min, max and parentheses.
 * `c1 - (c2 + c3)` is what a meter counts beyond two others; `min(c1, c2)` the lesser; `c5 * 10.3` gas in kWh.
 * Read by recursive descent into a tree that is walked per bucket: nothing of the text is ever run as code.
 */
export type Formula =
  | { kind: "number"; value: number }
  | { kind: "meter"; id: MeterId }
  | { kind: "negative"; of: Formula }
  | { kind: "sum" | "difference" | "product" | "quotient"; left: Formula; right: Formula }
  | { kind: "min" | "max"; of: Formula[] };

export interface FormulaFault {
  /** The character at which it goes wrong, from 0. */
  position: number;
  /** "expected a meter such as c12, a number or a parenthesis": a sentence without its end. */
  message: string;
}

export type ReadFormula = { ok: true; formula: Formula; meters: MeterId[] } | { ok: false; fault: FormulaFault };

export const longestFormula = 500;
/** Of parentheses in one another. */
export const deepestFormula = 30;
export const mostArguments = 50;

interface Token {
  kind: "number" | "word" | "sign" | "end";
  text: string;
  at: number;
}

class Wrong extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export function readFormula(text: string): ReadFormula {
  try {
    if (text.length > longestFormula)
      throw new Wrong(longestFormula, `expected at most ${longestFormula} characters, these are ${text.length}`);
    const formula = new Reader(tokensOf(text)).whole();
    return { ok: true, formula, meters: metersOf(formula) };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, fault: { position: error.at, message: error.message } };
    throw error;
  }
}

const tokenPattern = /\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z][A-Za-z0-9]*)|([-+*/(),]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  let at = 0;
  for (;;) {
    const rest = /\S/.exec(text.slice(at));
    if (!rest) break;
    const start = at + rest.index;
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (!match) throw new Wrong(start, unknownSign(text[start]!));
    const [, number, word, sign] = match;
    at = tokenPattern.lastIndex;
    tokens.push({
      kind: number !== undefined ? "number" : word !== undefined ? "word" : "sign",
      text: (number ?? word ?? sign)!,
      at: start,
    });
  }
  return [...tokens, { kind: "end", text: "", at: text.length }];
}

const unknownSign = (sign: string) =>
  `${JSON.stringify(sign)} has no meaning here: expected meters (c12), numbers with a point, + - * / ( ) , min and max`;

const anOperand = "expected a meter such as c12, a number, min, max or an opening parenthesis";

/** sum = product (± product)*; product = factor (×÷ factor)*; factor = number | meter | min(…) | max(…) | (sum) | −factor. */
class Reader {
  private readonly tokens: Token[];
  private next = 0;
  private depth = 0;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  whole(): Formula {
    const formula = this.sum();
    const rest = this.peek();
    if (rest.kind !== "end")
      throw new Wrong(rest.at, `expected an operator (+ - * /) or the end instead of ${JSON.stringify(rest.text)}`);
    return formula;
  }

  private sum(): Formula {
    let left = this.product();
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-"))
      left = { kind: sign === "+" ? "sum" : "difference", left, right: this.product() };
    return left;
  }

  private product(): Formula {
    let left = this.factor();
    for (let sign = this.take("*", "/"); sign; sign = this.take("*", "/"))
      left = { kind: sign === "*" ? "product" : "quotient", left, right: this.factor() };
    return left;
  }

  private factor(): Formula {
    const token = this.peek();
    if (token.kind === "number") return this.number(token);
    if (token.kind === "word") return this.word(token);
    if (token.text === "-") {
      this.next++;
      return this.inside(token, () => ({ kind: "negative", of: this.factor() }));
    }
    if (token.text !== "(") throw new Wrong(token.at, this.insteadOf(anOperand, token));
    this.next++;
    const inner = this.inside(token, () => this.sum());
    this.close(token);
    return inner;
  }

  private number(token: Token): Formula {
    this.next++;
    const value = Number(token.text);
    if (!(value <= 1e12)) throw new Wrong(token.at, "expected a number of at most 1e12");
    return { kind: "number", value };
  }

  private word(token: Token): Formula {
    this.next++;
    const word = token.text.toLowerCase();
    if (word === "min" || word === "max") return { kind: word, of: this.list(token) };
    const meter = readMeterId(word);
    if (meter) return { kind: "meter", id: meter.id };
    throw new Wrong(
      token.at,
      `${JSON.stringify(token.text)} is not known: expected a meter such as c12 or v3, or min or max`,
    );
  }

  private list(name: Token): Formula[] {
    const open = this.peek();
    if (!this.take("(")) throw new Wrong(open.at, this.insteadOf(`expected ( after ${name.text.toLowerCase()}`, open));
    const of = this.inside(open, () => {
      const found = [this.sum()];
      while (this.take(",")) found.push(this.sum());
      return found;
    });
    this.close(open);
    if (of.length > mostArguments)
      throw new Wrong(name.at, `expected at most ${mostArguments} values, these are ${of.length}`);
    return of;
  }

  private inside<T>(open: Token, read: () => T): T {
    if (++this.depth > deepestFormula)
      throw new Wrong(open.at, `expected at most ${deepestFormula} parentheses within one another`);
    const inner = read();
    this.depth--;
    return inner;
  }

  private close(open: Token): void {
    const token = this.peek();
    if (!this.take(")"))
      throw new Wrong(token.at, this.insteadOf(`expected ) for the ( at character ${open.at + 1}`, token));
  }

  private insteadOf(expected: string, { kind, text }: Token): string {
    return kind === "end" ? `${expected}, but here it ends` : `${expected} instead of ${JSON.stringify(text)}`;
  }

  private peek(): Token {
    return this.tokens[this.next]!;
  }

  private take(...signs: string[]): string | null {
    const token = this.peek();
    if (token.kind !== "sign" || !signs.includes(token.text)) return null;
    this.next++;
    return token.text;
  }
}

/** Each meter that it speaks of, once. */
function metersOf(formula: Formula): MeterId[] {
  const found = new Set<MeterId>();
  const walk = (part: Formula): void => {
    switch (part.kind) {
      case "number":
        return;
      case "meter":
        found.add(part.id);
        return;
      case "negative":
        return walk(part.of);
      case "min":
      case "max":
        return part.of.forEach(walk);
      default:
        walk(part.left);
        walk(part.right);
    }
  };
  walk(formula);
  return [...found];
}

/** Its value where each meter has one. Not finite where it divides by zero. */
export function valueOf(formula: Formula, meter: (id: MeterId) => number): number {
  switch (formula.kind) {
    case "number":
      return formula.value;
    case "meter":
      return meter(formula.id);
    case "negative":
      return -valueOf(formula.of, meter);
    case "sum":
      return valueOf(formula.left, meter) + valueOf(formula.right, meter);
    case "difference":
      return valueOf(formula.left, meter) - valueOf(formula.right, meter);
    case "product":
      return valueOf(formula.left, meter) * valueOf(formula.right, meter);
    case "quotient":
      return valueOf(formula.left, meter) / valueOf(formula.right, meter);
    case "min":
      return Math.min(...formula.of.map((part) => valueOf(part, meter)));
    case "max":
      return Math.max(...formula.of.map((part) => valueOf(part, meter)));
  }
}
