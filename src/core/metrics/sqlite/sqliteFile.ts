import type { ByteSource } from "../../base/byteSource.ts";
import { FormatError } from "../../base/errors.ts";
import { readSqliteRecord, readSqliteVarint, type SqliteValue } from "./sqliteRecord.ts";

/*
 * A SQLite database (https://www.sqlite.org/fileformat2.html), as far as reading tables needs it, numbers big endian:
 *
 *   header   "SQLite format 3\0" | u16 page size, 1 for 65,536 | … | u8 at 20: bytes at the end of each page that are not
 *            used | … | u32 at 56: encoding of texts, 1 for UTF-8
 *   page     u8 type: 5 for a node of a table, 13 for a leaf | … | u16 at 3: number of cells | … | u32 at 8, nodes only: the
 *            last child | u16 for each cell: where it is
 *   cell     of a node: u32 child | varint greatest row id below. Of a leaf: varint size | varint row id | the record, of
 *            which what has no place goes on in a chain of pages that begin with the number of the next one
 *
 * Page 1 is the table of tables and begins behind the header. Pages in the write-ahead log or in the journal of a transaction
 * that is not committed replace those of the file.
 */
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const NODE = 5;
const LEAF = 13;
/** A billion rows have a depth of five. */
const MAX_DEPTH = 12;
/** The JSON of one step of a log is far smaller. */
const MAX_RECORD_BYTES = 16 << 20;

export type SqliteTable = { rootPage: number; columns: readonly string[] };
export type SqliteRow = { rowId: number; values: SqliteValue[] };

/** What holds for all pages of one walk through a table. */
type Walk = { after: number; entered: Set<number>; depth: number };

/** The pages that another file has in place of those of the database: their places in it. */
export type ReplacedPages = ReadonlyMap<number, number>;

/** A file beside a database, and what knows the pages in it that stand in place of those of the database. */
export type PageFile = {
  source: ByteSource;
  follower: { update: (source: ByteSource, pageSize: number) => Promise<ReplacedPages> };
};

type OtherPages = { source: ByteSource; pages: ReplacedPages };

/** A moment of a database: its tables, read only, without the locks of SQLite. */
export class SqliteFile {
  readonly #source: ByteSource;
  readonly #others: readonly OtherPages[];
  readonly #pageSize: number;
  readonly #usableBytes: number;

  private constructor(source: ByteSource, header: Uint8Array, others: readonly OtherPages[]) {
    const view = viewOf(header);
    this.#source = source;
    this.#others = others;
    this.#pageSize = pageSizeOf(view);
    this.#usableBytes = this.#pageSize - (header[20] ?? 0);
  }

  /** Undefined for a file that is no database, or one whose texts are not UTF-8. */
  static async open(source: ByteSource, pageFiles: readonly PageFile[] = []): Promise<SqliteFile | undefined> {
    const header = await source.read(0, HEADER_BYTES);
    if (header.length < HEADER_BYTES || new TextDecoder("latin1").decode(header.subarray(0, 16)) !== MAGIC) {
      return undefined;
    }
    const view = viewOf(header);
    const pageSize = pageSizeOf(view);
    if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || view.getUint32(56) > 1) {
      return undefined;
    }
    const others: OtherPages[] = [];
    for (const { source: other, follower } of pageFiles) {
      others.push({ source: other, pages: await follower.update(other, pageSize) });
    }
    return new SqliteFile(source, header, others);
  }

  /** The tables by their names, with the columns that their definitions name. */
  async tables(): Promise<Map<string, SqliteTable>> {
    const tables = new Map<string, SqliteTable>();
    for await (const { values } of this.rows({ rootPage: 1, columns: [] })) {
      const [kind, name, , rootPage, definition] = values;
      if (
        kind === "table" &&
        typeof name === "string" &&
        typeof rootPage === "number" &&
        typeof definition === "string"
      ) {
        tables.set(name, { rootPage, columns: readColumnNames(definition) });
      }
    }
    return tables;
  }

  /** The rows behind a row id, in the order of their ids. The cost is that of these rows. */
  rows({ rootPage }: SqliteTable, afterRowId = -Infinity): AsyncGenerator<SqliteRow> {
    return this.#walk(rootPage, { after: afterRowId, entered: new Set(), depth: 0 });
  }

  async *#walk(page: number, walk: Walk): AsyncGenerator<SqliteRow> {
    const { after } = walk;
    this.#enter(page, walk.entered);
    const bytes = await this.#page(page);
    const start = page === 1 ? HEADER_BYTES : 0;
    const type = bytes[start];
    if ((type !== NODE && type !== LEAF) || walk.depth > MAX_DEPTH) {
      throw this.#damaged(page, "it is no page of a table");
    }
    const view = viewOf(bytes);
    const cells = start + (type === NODE ? 12 : 8);
    const count = view.getUint16(start + 3);
    for (let index = 0; index < count && cells + index * 2 + 2 <= bytes.length; index++) {
      const at = view.getUint16(cells + index * 2);
      if (type === LEAF) {
        const row = await this.#readRow(bytes, at, walk);
        if (row !== undefined) {
          yield row;
        }
        continue;
      }
      const key = readSqliteVarint(bytes, at + 4);
      if (key === undefined) {
        throw this.#damaged(page, "a cell is cut");
      }
      if (key.value > after) {
        yield* this.#walk(view.getUint32(at), { ...walk, depth: walk.depth + 1 });
      }
    }
    if (type === NODE) {
      yield* this.#walk(view.getUint32(start + 8), { ...walk, depth: walk.depth + 1 });
    }
  }

  /** A page has one place in a table; without this, nodes that share their children would be read for ever. */
  #enter(page: number, entered: Set<number>): void {
    if (entered.has(page)) {
      throw this.#damaged(page, "it is in two places of a table");
    }
    entered.add(page);
  }

  async #readRow(page: Uint8Array, at: number, { after, entered }: Walk): Promise<SqliteRow | undefined> {
    const size = readSqliteVarint(page, at);
    const rowId = size && readSqliteVarint(page, size.next);
    if (size === undefined || rowId === undefined || size.value > this.#maxRecordBytes()) {
      throw new FormatError("SQLite", at, "a row is cut or too large");
    }
    if (rowId.value <= after) {
      return undefined;
    }
    const local = this.#localBytes(size.value);
    const from = rowId.next;
    const overflowBytes = local < size.value ? 4 : 0;
    if (from + local + overflowBytes > page.length) {
      throw new FormatError("SQLite", at, "a row reaches beyond its page");
    }
    if (local === size.value) {
      return { rowId: rowId.value, values: readSqliteRecord(page.subarray(from, from + local)) };
    }
    const record = new Uint8Array(size.value);
    record.set(page.subarray(from, from + local));
    await this.#readOverflow(record.subarray(local), viewOf(page).getUint32(from + local), entered);
    return { rowId: rowId.value, values: readSqliteRecord(record) };
  }

  async #readOverflow(rest: Uint8Array, firstPage: number, entered: Set<number>): Promise<void> {
    let page = firstPage;
    for (let at = 0; at < rest.length; ) {
      this.#enter(page, entered);
      const bytes = await this.#page(page);
      const taken = bytes.subarray(4, Math.min(this.#usableBytes, 4 + rest.length - at));
      rest.set(taken, at);
      at += taken.length;
      page = viewOf(bytes).getUint32(0);
    }
  }

  /** A record is never larger than all pages together. */
  #maxRecordBytes(): number {
    const otherBytes = this.#others.reduce((sum, { source }) => sum + source.sizeBytes, 0);
    return Math.min(MAX_RECORD_BYTES, this.#source.sizeBytes + otherBytes);
  }

  /** How much of a record lies in its leaf, by the rules of the format. */
  #localBytes(size: number): number {
    const usable = this.#usableBytes;
    if (size <= usable - 35) {
      return size;
    }
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const wanted = least + ((size - least) % (usable - 4));
    return wanted <= usable - 35 ? wanted : least;
  }

  async #page(number: number): Promise<Uint8Array> {
    const other = this.#others.find(({ pages }) => pages.has(number));
    const bytes = await (other === undefined
      ? this.#source.read((number - 1) * this.#pageSize, this.#pageSize)
      : other.source.read(other.pages.get(number) ?? 0, this.#pageSize));
    if (number < 1 || bytes.length < this.#pageSize) {
      throw this.#damaged(number, "it lies behind the end");
    }
    return bytes;
  }

  #damaged(page: number, reason: string): FormatError {
    return new FormatError("SQLite", (page - 1) * this.#pageSize, `page ${page} cannot be read, ${reason}`);
  }
}

function pageSizeOf(view: DataView): number {
  const size = view.getUint16(16);
  return size === 1 ? 65_536 : size;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The names of the columns in `CREATE TABLE name (…)`, without the constraints behind them. */
function readColumnNames(definition: string): string[] {
  const inside = definition.slice(definition.indexOf("(") + 1, definition.lastIndexOf(")"));
  const parts: string[] = [""];
  let depth = 0;
  for (const character of inside) {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (character === "," && depth === 0) {
      parts.push("");
    } else {
      parts.push(`${parts.pop() ?? ""}${character}`);
    }
  }
  return parts.flatMap((part) => {
    const [, name = ""] = /^\s*["`[]?([^"`\]\s]+)/.exec(part) ?? [];
    return /^(?:constraint|primary|foreign|unique|check)$/i.test(name) && !/^\s*["`[]/.test(part) ? [] : [name];
  });
}
