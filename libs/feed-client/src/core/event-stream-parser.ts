/** One block of an event stream: what stands between two blank lines. */
export interface EventBlock {
  /** The block's own id; undefined if it has none. */
  readonly id: string | undefined;
  readonly type: string;
  /** Its data lines, joined by line feeds; undefined for a block that only moves the id. */
  readonly data: string | undefined;
}

/** Characters that one block may have before it is refused: 1 MiB. */
const longestBlock = 1_048_576;

/** A block that is longer than a reader should hold in memory. */
export class BlockTooLong extends Error {
  override readonly name = 'BlockTooLong';
  constructor() {
    super(`an event of more than ${longestBlock} characters`);
  }
}

/**
 * Reads server-sent events (WHATWG HTML, "Server-sent events") from bytes, cut wherever the network cut them. Comments
 * and blocks with neither id nor data give nothing; what the stream ends with in the middle is never given out.
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder();
  #afterCarriageReturn = false;
  /** The beginning of a line whose end has not come. */
  #line = '';
  #id: string | undefined;
  #type = '';
  #data: string[] = [];
  #length = 0;
  #retryMs: number | undefined;

  /** Milliseconds that the server wants clients to wait before they reconnect; undefined until it says so. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * The blocks that end within these bytes.
   *
   * @throws BlockTooLong for a block of more than 1 MiB.
   */
  push(bytes: Uint8Array): EventBlock[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    // The line ended with the CR before: this LF is its other half.
    if (this.#afterCarriageReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterCarriageReturn = text.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n|\r|\n/);
    const lines = [this.#line + first, ...others];
    this.#line = lines.pop() ?? '';
    const blocks: EventBlock[] = [];
    for (const line of lines) {
      if (line !== '') this.#take(line);
      else blocks.push(...this.#end());
    }
    this.#bound(this.#line.length);
    return blocks;
  }

  #take(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (field) {
      case 'data':
        this.#bound(value.length + 1);
        this.#length += value.length + 1;
        this.#data.push(value);
        break;
      case 'event':
        this.#type = value;
        break;
      case 'id':
        if (!value.includes('\0')) this.#id = value;
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.#retryMs = Number(value);
        break;
    }
  }

  #bound(more: number): void {
    if (this.#length + more > longestBlock) throw new BlockTooLong();
  }

  #end(): EventBlock[] {
    const data = this.#data.length > 0 ? this.#data.join('\n') : undefined;
    const block = { id: this.#id, type: this.#type === '' ? 'message' : this.#type, data };
    this.#id = undefined;
    this.#type = '';
    this.#data = [];
    this.#length = 0;
    return block.id === undefined && data === undefined ? [] : [block];
  }
}
