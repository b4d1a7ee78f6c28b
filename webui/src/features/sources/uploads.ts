/** A file that is sent into a source. */
export interface Upload {
  id: number
  /** Where it goes, below the source's folder. */
  path: string
  size: number
  sent: number
  state: 'waiting' | 'sending' | 'paused' | 'done' | 'failed'
  error: string | null
  /** What the server calls it, once it has begun in pieces. */
  remote: string | null
  /** Why nothing moves at this moment. */
  wait: string | null
  /** How much had come before, when it was gone on with. */
  from: number
}

export type UploadEvent =
  | { kind: 'add'; files: { id: number; path: string; size: number }[] }
  | { kind: 'begin'; id: number }
  | { kind: 'begun'; id: number; remote: string; offset: number }
  | { kind: 'wait'; id: number; why: string | null }
  | { kind: 'pause'; id: number }
  | { kind: 'resume'; id: number }
  | { kind: 'cancel'; id: number }
  | { kind: 'sent'; id: number; bytes: number }
  | { kind: 'done'; id: number }
  | { kind: 'failed'; id: number; error: string }
  | { kind: 'retry' }
  | { kind: 'clear' }

export function nextUploads(uploads: readonly Upload[], event: UploadEvent): Upload[] {
  const only = (id: number, change: (upload: Upload) => Partial<Upload>) => uploads.map((each) => (each.id === id ? { ...each, ...change(each) } : each))
  switch (event.kind) {
    case 'add':
      return [...uploads, ...event.files.map((file): Upload => ({ ...file, sent: 0, state: 'waiting', error: null, remote: null, wait: null, from: 0 }))]
    case 'begin':
      return only(event.id, (upload) => ({ state: 'sending', sent: upload.remote === null ? 0 : upload.sent, error: null, wait: null }))
    case 'begun':
      return only(event.id, () => ({ remote: event.remote, from: event.offset, sent: event.offset }))
    case 'wait':
      return only(event.id, () => ({ wait: event.why }))
    case 'pause':
      return only(event.id, (upload) => (upload.state === 'sending' || upload.state === 'waiting' ? { state: 'paused', wait: null } : {}))
    case 'resume':
      return only(event.id, (upload) => (upload.state === 'paused' ? { state: 'waiting' } : {}))
    case 'cancel':
      return uploads.filter((each) => each.id !== event.id)
    case 'sent':
      return only(event.id, (upload) => (upload.state === 'sending' ? { sent: Math.min(event.bytes, upload.size) } : {}))
    case 'done':
      return only(event.id, (upload) => ({ state: 'done', sent: upload.size, wait: null }))
    case 'failed':
      return only(event.id, (upload) => ({ state: 'failed', error: event.error, wait: null, ...(upload.remote === null ? { sent: 0 } : {}) }))
    case 'retry':
      return uploads.map((each) => (each.state === 'failed' ? { ...each, state: 'waiting', error: null } : each))
    case 'clear':
      return uploads.filter((each) => each.state === 'waiting' || each.state === 'sending' || each.state === 'paused')
  }
}

export interface Progress {
  files: number
  done: number
  failed: number
  paused: number
  bytes: number
  sent: number
  busy: boolean
}

export function progressOf(uploads: readonly Upload[]): Progress {
  const progress: Progress = { files: uploads.length, done: 0, failed: 0, paused: 0, bytes: 0, sent: 0, busy: false }
  for (const each of uploads) {
    progress.bytes += each.size
    progress.sent += each.sent
    if (each.state === 'done') ++progress.done
    else if (each.state === 'failed') ++progress.failed
    else if (each.state === 'paused') ++progress.paused
    else progress.busy = true
  }
  return progress
}

/** "a/b" and "../c//d" as they may be put together: no empty steps, none that leads up. */
export function joinPath(...parts: string[]): string {
  return parts
    .flatMap((part) => part.split('/'))
    .filter((step) => step !== '' && step !== '.' && step !== '..')
    .join('/')
}

/** Where a chosen file goes; of a chosen folder its content, without the folder's own name. */
export function targetOf(folder: string, relative: string, contentOnly: boolean): string {
  const steps = relative.split('/')
  return joinPath(folder, contentOnly && steps.length > 1 ? steps.slice(1).join('/') : relative)
}

/** The folders on the way to one: "a/b" as [["a", "a"], ["b", "a/b"]]. */
export function crumbsOf(path: string): [string, string][] {
  const steps = joinPath(path).split('/').filter(Boolean)
  return steps.map((step, index) => [step, steps.slice(0, index + 1).join('/')])
}

/** Text if it has no zero byte and reads as UTF-8; a letter cut at the end does not count. */
export function asText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return null
  }
}
