import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A flow's code package has some megabytes; nothing that is kept here grows with it. */
const MAX_OBJECTS = 10_000;

export type LoopbackStore = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`; no other machine can reach it. */
  url: string;
};

/**
 * An object store on this machine that forgets what it is given: Metaflow writes a flow's code package before it
 * compiles a manifest, and the manifest needs only the name. It answers the calls that Metaflow makes for that: PUT, HEAD, GET
 * of what is not there, a listing, and the three calls of an upload in parts.
 */
export async function openLoopbackStore(): Promise<LoopbackStore> {
  const sizes = new Map<string, number>();
  const server = createServer((request, response) => {
    measure(request).then(
      (sizeBytes) => answer({ request, response, sizes, sizeBytes }),
      // The client went away in the middle of a request; nobody waits for an answer.
      () => response.destroy(),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

async function measure(request: IncomingMessage): Promise<number> {
  let sizeBytes = 0;
  for await (const piece of request) {
    sizeBytes += Buffer.isBuffer(piece) ? piece.length : 0;
  }
  return sizeBytes;
}

type Call = { request: IncomingMessage; response: ServerResponse; sizes: Map<string, number>; sizeBytes: number };

function answer(call: Call): void {
  const { pathname, searchParams } = new URL(call.request.url ?? "/", "http://localhost");
  switch (call.request.method ?? "") {
    case "PUT":
      return put(call, pathname);
    case "POST":
      return uploadInParts(call, pathname, searchParams);
    case "HEAD":
      return head(call, pathname);
    case "GET":
      return searchParams.has("list-type") || searchParams.has("prefix")
        ? xml(
            call.response,
            "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>",
          )
        : refuse(call.response, 404, "NoSuchKey");
    default:
      return refuse(call.response, 405, "MethodNotAllowed");
  }
}

function put({ response, sizes, sizeBytes }: Call, key: string): void {
  if (sizes.size >= MAX_OBJECTS) {
    refuse(response, 507, "TooManyObjects");
    return;
  }
  sizes.set(key, sizeBytes);
  response.writeHead(200, { ETag: etag(key) }).end();
}

function uploadInParts({ response }: Call, key: string, query: URLSearchParams): void {
  xml(
    response,
    query.has("uploads")
      ? "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
      : `<CompleteMultipartUploadResult><ETag>${etag(key)}</ETag></CompleteMultipartUploadResult>`,
  );
}

function head({ response, sizes }: Call, key: string): void {
  const size = sizes.get(key);
  if (size === undefined) {
    response.writeHead(404).end();
  } else {
    response.writeHead(200, { ETag: etag(key), "Content-Length": size }).end();
  }
}

function xml(response: ServerResponse, body: string): void {
  response.writeHead(200, { "Content-Type": "application/xml" }).end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { "Content-Type": "application/xml" })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
}

function etag(key: string): string {
  return `"${createHash("sha256").update(key).digest("hex").slice(0, 32)}"`;
}
