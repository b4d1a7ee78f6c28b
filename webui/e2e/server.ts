import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, realpathSync, rmSync, symlinkSync, existsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const kBinary = resolve(process.env.PINTLE ?? fileURLToPath(new URL('../../build/release/pintle', import.meta.url)))

/** Asks again until the answer is something; says what did not happen. */
export async function until<T>(what: string, probe: () => Promise<T | null | undefined | false> | T | null | undefined | false, seconds = 60): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline) {
    const found = await probe()
    if (found) return found
    await new Promise((later) => setTimeout(later, 25))
  }
  throw new Error(`not within ${seconds} s: ${what}`)
}

/** A real server on a data folder of its own. It keeps its address when it is started again. */
export class Server {
  address: string | null = null
  private process: ChildProcess | null = null

  constructor(
    readonly data: string,
    private readonly config: string,
  ) {}

  get url(): string {
    return `http://${this.address}`
  }

  async start(): Promise<void> {
    mkdirSync(this.data, { recursive: true })
    this.shareCache()
    writeFileSync(join(this.data, 'config.yaml'), this.config)
    const log = openSync(join(this.data, 'server.log'), 'a')
    const words = ['serve', '--data', this.data, '--listen', this.address ?? '127.0.0.1:0', '--config', join(this.data, 'config.yaml')]
    const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PINTLE_')))
    const started = spawn(kBinary, words, { stdio: ['ignore', log, log], env: { ...kept, PINTLE_DATA: this.data } })
    let failed: Error | null = null
    started.on('error', (error) => (failed = error))
    this.process = started
    this.address = await until('the server answers', () => {
      if (failed) throw failed
      if (started.exitCode !== null) throw new Error(`the server ended with ${started.exitCode}:\n${this.log().slice(-3000)}`)
      return this.addressOf(started.pid)
    })
  }

  /** kill -9, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
  }

  /** Removes everything; the process engine's folder of root's servers lies in memory. */
  remove(): void {
    const run = join(this.data, 'run')
    if (existsSync(run)) rmSync(realpathSync(run), { recursive: true, force: true })
    rmSync(this.data, { recursive: true, force: true })
  }

  log(): string {
    return readFileSync(join(this.data, 'server.log'), 'utf8')
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const process = this.process
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    const gone = new Promise((resolve) => process.once('exit', resolve))
    process.kill(signal)
    await gone
  }

  private addressOf(pid: number | undefined): string | null {
    try {
      const known = JSON.parse(readFileSync(join(this.data, 'server.json'), 'utf8')) as { address: string; pid: number }
      return known.pid === pid ? known.address : null
    } catch {
      return null
    }
  }

  /** Environments of Python packages are shared between tests and runs; everything else is new. */
  private shareCache(): void {
    const cache = process.env.PINTLE_TEST_CACHE ?? join(homedir(), '.cache/pintle-tests')
    mkdirSync(cache, { recursive: true })
    if (!existsSync(join(this.data, 'cache'))) symlinkSync(cache, join(this.data, 'cache'))
  }
}
