import { parse } from 'yaml';
import { among, between, type Draw, maybe, rarely } from './draw.ts';
import { type Spelled, type SpelledMap, Verbatim } from './spelling.ts';

/**
 * The text of a YAML file that says this, in one of the many forms that YAML has: block and flow, quotes of each kind,
 * anchors and merge keys, comments, any indentation, any line end, with and without marks at the beginning and end.
 */
export function writeYaml(draw: Draw, file: SpelledMap): string {
  const lines = new Writer(draw).lines(file);
  if (rarely(draw, 4)) lines.unshift(...among(draw, [['---'], ['# services: {}', ''], ['%YAML 1.2', '---']]));
  if (rarely(draw, 8)) lines.push('...');
  const newline = among(draw, ['\n', '\r\n']);
  const text = lines.join(newline) + (maybe(draw) ? newline : '');
  return rarely(draw, 8) ? `\uFEFF${text}` : text;
}

/** A value in the block style: what stands behind the key, and the lines below it, not yet indented. */
interface Block {
  head: string;
  below: string[];
}

class Writer {
  readonly #draw: Draw;
  /** Maps behind an anchor, as far as they are written. */
  readonly #anchored: { name: string; map: SpelledMap }[] = [];
  #anchors = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** A whole map, at the left margin. */
  lines(map: SpelledMap): string[] {
    return this.#entries(map).flatMap(([key, value]) => this.#entry(key, this.#block(value)));
  }

  #entry(key: string, { head, below }: Block): string[] {
    const draw = this.#draw;
    const comment = rarely(draw, 10) ? ['# a: comment [', ''] : [];
    const tail = below.length === 0 && rarely(draw, 10) && !/[|>]/.test(head) ? ' # : {' : '';
    return [...comment, `${key}:${head === '' ? '' : ` ${head}`}${tail}`, ...below];
  }

  /** Keys as they are written, and their values; some of them come from a map above. */
  #entries(map: SpelledMap): [key: string, value: Spelled | typeof merge][] {
    const written = [...map].map(([key, value]): [string, Spelled] => [this.#text(key), value]);
    const source = this.#anchored.find(({ map: above }) => above.size > 0 && covers(map, above));
    if (source === undefined || maybe(this.#draw)) return written;
    const rest = written.filter((_, i) => {
      const [key, value] = [...map][i] ?? ['', null];
      return !source.map.has(key) || source.map.get(key) !== value || maybe(this.#draw);
    });
    const reference = maybe(this.#draw) ? `*${source.name}` : `[ *${source.name} ]`;
    const at = between(this.#draw, 0, rest.length);
    return [...rest.slice(0, at), ['<<', new Verbatim(reference)], ...rest.slice(at)];
  }

  #block(value: Spelled): Block {
    const draw = this.#draw;
    if (!(value instanceof Map) && !Array.isArray(value)) return this.#single(value);
    const isEmpty = value instanceof Map ? value.size === 0 : value.length === 0;
    if (isEmpty || rarely(draw, 3)) return { head: this.#flow(value), below: [] };
    const anchor = value instanceof Map && rarely(draw, 4) ? this.#anchor() : null;
    const indent = ' '.repeat(between(draw, 1, 5));
    const below = Array.isArray(value)
      ? value.flatMap((item) => this.#item(item))
      : this.#entries(value).flatMap(([key, inner]) => this.#entry(key, this.#block(inner)));
    if (anchor !== null && value instanceof Map) this.#anchored.push({ name: anchor, map: value });
    // A list may start below its key, in the same column.
    const isFlush = Array.isArray(value) && maybe(draw);
    return {
      head: anchor === null ? '' : `&${anchor}`,
      below: isFlush ? below : below.map((line) => (line === '' ? line : indent + line)),
    };
  }

  #item(item: Spelled): string[] {
    const { head, below } = this.#block(item);
    if (item instanceof Map && head === '' && below.length > 0) {
      // The first key of a map stands beside the dash.
      const margin = below.map((line) => line.search(/\S/)).filter((at) => at >= 0);
      const left = Math.min(...margin);
      const [first = '', ...rest] = below.map((line) => line.slice(left));
      if (!first.startsWith('#'))
        return [`- ${first}`, ...rest.map((line) => (line === '' ? line : `  ${line}`))];
    }
    return [`-${head === '' ? '' : ` ${head}`}`, ...below.map((line) => (line === '' ? line : `  ${line}`))];
  }

  #anchor(): string {
    this.#anchors += 1;
    return `a${this.#anchors}`;
  }

  #flow(value: Spelled): string {
    const draw = this.#draw;
    const gap = among(draw, ['', ' ']);
    if (Array.isArray(value)) {
      const items = value.map((item) => (item === null ? 'null' : this.#flow(item)));
      return `[${gap}${items.join(`,${among(draw, [' ', '  '])}`)}${items.length > 0 && rarely(draw, 4) ? ',' : ''}${gap}]`;
    }
    if (value instanceof Map) {
      const entries = [...value].map(([key, inner]) => `${this.#text(key)}: ${this.#flow(inner)}`);
      return `{${gap}${entries.join(', ')}${gap}}`;
    }
    if (typeof value === 'string') return this.#text(value);
    const { head } = this.#single(value);
    return head === '' ? 'null' : head;
  }

  #single(value: string | number | boolean | null | Verbatim): Block {
    const draw = this.#draw;
    const only = (head: string): Block => ({ head, below: [] });
    if (value === null) return only(among(draw, ['', '~', 'null', 'NULL', '&nothing']));
    if (value instanceof Verbatim) return only(value.text);
    if (typeof value === 'boolean') {
      const word = String(value);
      return only(among(draw, [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]));
    }
    if (typeof value === 'number') return only(this.#number(value));
    if (/^[!-~][ -~]*(\n[!-~][ -~]*)*\n?$/.test(value) && rarely(draw, 4)) {
      const chomp = value.endsWith('\n') ? '' : '-';
      return {
        head: `|${chomp}`,
        below: value
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `  ${line}`),
      };
    }
    return only(this.#text(value));
  }

  #number(value: number): string {
    const hex = `0x${value.toString(16)}`;
    const power = /^[1-9]\d*?(0+)$/.exec(String(value));
    const zeros = power?.[1]?.length ?? 0;
    const exponent = zeros === 0 ? String(value) : `${String(value).slice(0, -zeros)}e${zeros}`;
    return among(this.#draw, [
      String(value),
      `${value}`,
      `+${value}`,
      `0${value}`,
      `${value}.0`,
      hex,
      exponent,
    ]);
  }

  /** On one line, with the quotes that it needs or more. */
  #text(text: string): string {
    const double = JSON.stringify(text).replaceAll(/[\u007f-\u009f\ufeff\u2028\u2029]/g, escaped);
    const single = `'${text.replaceAll("'", "''")}'`;
    const forms = [double];
    if (!/[\n\r\p{Cc}\ufeff\u2028\u2029]/u.test(text)) forms.push(single);
    if (isPlain(text)) forms.push(text, text);
    return among(this.#draw, forms);
  }
}

const merge = new Verbatim('<<');
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const covers = (map: SpelledMap, above: SpelledMap) => [...above.keys()].every((key) => map.has(key));

const plain = new Map<string, boolean>();

/** Needs no quotes, neither in a block nor between brackets, and does not read as anything but a text. */
function isPlain(text: string): boolean {
  let known = plain.get(text);
  if (known === undefined) {
    const looks = /^[A-Za-z0-9_./]([A-Za-z0-9_./%@$=\u00e4 -]*[A-Za-z0-9_./%-])?$/;
    known = looks.test(text) && parse(text) === text;
    plain.set(text, known);
  }
  return known;
}
