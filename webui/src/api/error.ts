import type { components } from './schema.gen'

export type Fault = components['schemas']['Fault']

/** What the server said when it refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Fault[] = [],
    readonly requestId: string | null = null,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get isUnreachable(): boolean {
    return this.status === 0
  }
  get isSignedOut(): boolean {
    return this.status === 401
  }
  get isMissing(): boolean {
    return this.status === 404
  }
  /** Somebody else was quicker: the thing is not what it was when it was read. */
  get isConflict(): boolean {
    return this.status === 409 || this.status === 412
  }
}

/** There was no answer, or it broke off. */
export function unreachable(): ApiError {
  return new ApiError(0, 'unreachable', 'The server cannot be reached.')
}

/** From the body of an answer, which may be anything when something between here and the server answers. */
export function apiErrorOf(status: number, body: unknown): ApiError {
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    const fields = body as { code?: unknown; message: string; details?: unknown; request_id?: unknown }
    return new ApiError(
      status,
      typeof fields.code === 'string' ? fields.code : 'unknown',
      fields.message,
      Array.isArray(fields.details) ? (fields.details as Fault[]) : [],
      typeof fields.request_id === 'string' ? fields.request_id : null,
    )
  }
  return new ApiError(status, 'unknown', `The server answered with status ${status}.`)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
