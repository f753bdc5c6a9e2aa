/** The part of the Web Speech API that is used here (https://webaudio.github.io/web-speech-api); TypeScript has no types for it. */
export interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  start(): void;
  abort(): void;
}

interface RecognitionResults extends Event {
  readonly resultIndex: number;
  readonly results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

interface RecognitionFault extends Event {
  readonly error: string;
}

/** Some words of one's own, or more of a line that has begun. */
export interface Spoken {
  line: number;
  text: string;
  final: boolean;
}

export interface SpeechOptions {
  recognition: Recognition;
  /** A tag of BCP 47. */
  language: string;
  say(spoken: Spoken): void;
  /** The browser cannot or may not do it; nothing follows. */
  failed(): void;
}

/** What is no line yet is told so often at most, in ms. */
const INTERIM_MS = 400;

/** After a fault that passes, it is tried again so much later, in ms. */
const AGAIN_MS = 3_000;

/** More of a line than its end is on no screen. */
const LONGEST = 300;

/** Faults that no other try mends, by the names of the Web Speech API. */
const lasting = new Set(['not-allowed', 'service-not-allowed', 'language-not-supported', 'audio-capture']);

/** How this browser makes text of speech; null where it does not. */
export function createRecognition(): Recognition | null {
  const { SpeechRecognition, webkitSpeechRecognition } = globalThis as {
    SpeechRecognition?: new () => Recognition;
    webkitSpeechRecognition?: new () => Recognition;
  };
  const Constructor = SpeechRecognition ?? webkitSpeechRecognition;
  return Constructor === undefined ? null : new Constructor();
}

/** Makes text of what is said into the microphone, until it is stopped. A browser ends a recognition now and then; it goes on. */
export class Speech {
  readonly #options: SpeechOptions;
  readonly #end = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Lines of the recognitions that have ended. */
  #former = 0;
  #count = 0;
  #toldAt = 0;
  #hasFailed = false;

  constructor(options: SpeechOptions) {
    this.#options = options;
    const { recognition, language } = options;
    Object.assign(recognition, { lang: language, continuous: true, interimResults: true });
    const { signal } = this.#end;
    recognition.addEventListener('result', (event) => this.#heard(event as RecognitionResults), { signal });
    recognition.addEventListener('error', (event) => this.#fault(event as RecognitionFault), { signal });
    recognition.addEventListener('end', () => this.#ended(), { signal });
    this.#start();
  }

  stop(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
    this.#options.recognition.abort();
  }

  #start(): void {
    this.#hasFailed = false;
    try {
      this.#options.recognition.start();
    } catch {
      // Something else in this page is using it still.
      this.#timer = setTimeout(() => this.#start(), AGAIN_MS);
    }
  }

  #heard({ resultIndex, results }: RecognitionResults): void {
    this.#count = results.length;
    for (let index = resultIndex; index < results.length; index++) {
      const result = results[index];
      const text = result?.[0]?.transcript.trim().slice(-LONGEST) ?? '';
      if (result !== undefined && text !== '') this.#tell(this.#former + index, text, result.isFinal);
    }
  }

  #tell(line: number, text: string, final: boolean): void {
    const now = performance.now();
    if (!final && now - this.#toldAt < INTERIM_MS) return;
    this.#toldAt = now;
    this.#options.say({ line, text, final });
  }

  #fault({ error }: RecognitionFault): void {
    // Silence is none.
    if (error === 'no-speech' || error === 'aborted') return;
    this.#hasFailed = true;
    if (!lasting.has(error)) return;
    this.stop();
    this.#options.failed();
  }

  #ended(): void {
    this.#former += this.#count;
    this.#count = 0;
    this.#timer = setTimeout(() => this.#start(), this.#hasFailed ? AGAIN_MS : 0);
  }
}
