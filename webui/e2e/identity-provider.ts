import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const kProgram = fileURLToPath(new URL('../../tests/program/oidc_provider.py', import.meta.url))

/** A port that nobody listens at now: providers must know beforehand where people come back to. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}

export interface IdentityProvider {
  issuer: string
  client_id: string
  client_secret: string
  /** Passwords by name. */
  accounts: Record<string, string>
  stop: () => Promise<void>
}

/** The real provider of the whole-program tests, as a process of its own. */
export async function startIdentityProvider(callback: string): Promise<IdentityProvider> {
  const started = spawn('python3', [kProgram, callback], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => started.once('exit', () => resolve()))
  const line = await Promise.race([new Promise<string>((resolve) => createInterface(started.stdout).once('line', resolve)), ended])
  if (!line) throw new Error('the identity provider did not start')
  return {
    ...(JSON.parse(line) as Omit<IdentityProvider, 'stop'>),
    stop: () => {
      started.stdin.end()
      return ended
    },
  }
}
