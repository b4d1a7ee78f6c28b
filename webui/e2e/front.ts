import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

// What is tested is what the binary carries. With WEBUI=dist it is what the sources beside these tests make: while the
// interface is being changed nobody has to link the server for each look.
const root = fileURLToPath(new URL('..', import.meta.url))
export const kFolder = join(root, 'dist')
export const kFromSources = process.env.WEBUI === 'dist'

const kTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

const kPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

function newest(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((each) => {
      const path = join(folder, each.name)
      return each.isDirectory() ? newest(path) : statSync(path).mtimeMs
    }),
  )
}

/** Before all tests: builds the interface if its sources are tested and newer than what was built of them. */
export default function build() {
  if (!kFromSources) return
  const built = join(kFolder, 'index.html')
  const sources = [join(root, 'src'), join(root, 'public')]
  if (existsSync(built) && sources.every((folder) => newest(folder) < statSync(built).mtimeMs)) return
  execFileSync('npm', ['run', '--silent', 'bundle'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Stands before a server: serves the built interface and passes the API on, the Host header unchanged. */
export class Front {
  private http: HttpServer | null = null
  url = ''

  async start(server: () => string, port = 0): Promise<void> {
    const http = createServer((asked, answer) => {
      if (asked.url?.startsWith('/api/')) pass(server(), asked, answer)
      else file(asked, answer)
    })
    await new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening))
    this.http = http
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }

  stop(): void {
    this.http?.closeAllConnections()
    this.http?.close()
  }
}

function pass(server: string, asked: IncomingMessage, answer: ServerResponse) {
  const passed = request(`${server}${asked.url}`, { method: asked.method, headers: asked.headers, agent: false }, (found) => {
    answer.writeHead(found.statusCode ?? 502, found.headers)
    found.pipe(answer)
    found.on('error', () => answer.destroy())
    found.on('close', () => found.complete || answer.destroy())
  })
  // A server that is gone looks from behind here as it would without: the connection breaks.
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}

function file(asked: IncomingMessage, answer: ServerResponse) {
  const path = normalize(decodeURIComponent(new URL(asked.url ?? '/', 'http://x').pathname))
  const named = join(kFolder, path)
  const found = extname(path) && existsSync(named) && statSync(named).isFile() ? named : join(kFolder, 'index.html')
  answer.writeHead(200, { 'Content-Type': kTypes[extname(found)] ?? 'application/octet-stream', 'Content-Security-Policy': kPolicy })
  createReadStream(found).pipe(answer)
}
