import createClient from 'openapi-fetch'
import { apiErrorOf, unreachable } from './error'
import type { components, paths } from './schema.gen'

export type Schemas = components['schemas']
export type JobState = Schemas['JobShort']['state']

let csrf = ''
const onSignedOut = new Set<() => void>()

/** The token that a browser's session shows with everything that changes something. */
export function setCsrf(token: string | null) {
  csrf = token ?? ''
}

/** Calls back when an answer says that the session has ended. */
export function whenSignedOut(listener: () => void): () => void {
  onSignedOut.add(listener)
  return () => onSignedOut.delete(listener)
}

/** Headers of requests that do not go through the typed client, such as uploads with progress. */
export function csrfHeaders(): Record<string, string> {
  return csrf ? { 'X-CSRF-Token': csrf } : {}
}

/** Typed by the OpenAPI document; pass what it returns to `take`. */
export const api = createClient<paths>({
  baseUrl: new URL('/api/v1', globalThis.location.href).href,
  headers: { Accept: 'application/json' },
})

api.use({
  onRequest({ request }) {
    if (csrf && request.method !== 'GET') request.headers.set('X-CSRF-Token', csrf)
    return request
  },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

// There 401 says that the password that was sent is wrong, not that the session has ended.
const kAboutPassword = /\/api\/v1\/password$/

/** What is read from the server; throws an ApiError when nobody answers or the body breaks off, of which browsers tell by a TypeError. */
export function reading<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((fault: unknown) => {
    throw fault instanceof TypeError ? unreachable() : fault
  })
}

/** The body of a good answer; throws an ApiError for any other. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await reading(answer)
  if (response.ok) return data as T
  const fault = apiErrorOf(response.status, error)
  if (fault.isSignedOut && !kAboutPassword.test(response.url)) for (const listener of onSignedOut) listener()
  throw fault
}

/** A word of one's own for what must happen once, however often it is sent. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
