// A real git server for tests: git's own http-backend over the repositories of a folder, behind a user and a password.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const kBackend = '/usr/lib/git-core/git-http-backend'

export class GitServer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'pintle-git-'))
  private readonly server: Server
  readonly user = 'robot'
  readonly password = 's3cret-of-git'

  private constructor() {
    this.server = createServer((request, response) => this.answer(request, response))
  }

  static async start(): Promise<GitServer> {
    const git = new GitServer()
    await new Promise<void>((done) => git.server.listen(0, '127.0.0.1', done))
    return git
  }

  /** A repository with one commit of these files on main, and its address. */
  repository(name: string, files: Readonly<Record<string, string>>): string {
    const work = join(this.folder, `author-of-${name}`)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), text)
    }
    const git = (...words: string[]) => execFileSync('git', ['-C', work, '-c', 'user.name=A', '-c', 'user.email=a@localhost', ...words])
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('commit', '-q', '-m', 'Begin')
    git('clone', '-q', '--bare', '.', join(this.folder, `${name}.git`))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}.git`
  }

  /** Runs a git command in a repository that is served. */
  git(name: string, ...words: string[]): void {
    execFileSync('git', ['-C', join(this.folder, `${name}.git`), ...words])
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
    rmSync(this.folder, { recursive: true })
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const known = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`
    if (request.headers.authorization !== known) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
      return
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    const backend = spawn(kBackend, {
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: request.headers['content-length'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: (request.headers['git-protocol'] as string | undefined) ?? '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    request.pipe(backend.stdin)
    backend.stdin.on('error', () => {})
    const said: Buffer[] = []
    backend.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    backend.on('close', () => {
      const all = Buffer.concat(said)
      const end = all.indexOf('\r\n\r\n')
      let status = 200
      const headers: Record<string, string> = {}
      for (const line of all.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ')
        if (name === 'Status') status = Number.parseInt(value)
        else headers[name] = value
      }
      response.writeHead(status, headers).end(all.subarray(end + 4))
    })
  }
}
