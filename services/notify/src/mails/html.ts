/** A piece of HTML. Made by `html` only, so that there is none with unescaped text in it. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }

  /** Template literals: values are escaped, for content and for attributes in double quotes, unless they are `Html`. */
  static of(parts: TemplateStringsArray, ...values: (string | Html)[]): Html {
    const escaped = values.map((value) => (value instanceof Html ? value.#markup : escapedText(value)));
    return new Html(parts.map((part, at) => part + (escaped[at] ?? '')).join(''));
  }
}

export const html = Html.of;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapedText = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
