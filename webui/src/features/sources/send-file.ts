import { ApiError, messageOf } from '@/api/error'
import type { ProjectFull } from '@/api/projects'
import { beginUpload, putFile, sendPiece, showUpload, type UploadState } from './api'
import { fingerprintOf, isPassing, kPieceFirst, kSmall, nextPieceSize, pauseAfter, rightOffset } from './pieces'

export interface Telling {
  onSent: (bytes: number) => void
  /** The server has it under this id, and this much came before now. */
  onBegun: (id: string, offset: number) => void
  /** The connection broke, and is tried again; null: it is back. */
  onWait: (why: string | null) => void
}

const waited = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => reject(new DOMException('stopped', 'AbortError'))
    if (signal.aborted) return stop()
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      stop()
    })
  })

/** Puts a file into a source: a small one at once, a larger one in pieces, of which one at a time is read. A broken
 * connection is tried again for as long as nobody stops it. */
export async function sendFile(project: ProjectFull, source: string, path: string, file: File, tell: Telling, signal: AbortSignal): Promise<void> {
  let upload: UploadState | null = null
  let piece = kPieceFirst
  let failures = 0
  for (;;) {
    const began = Date.now()
    try {
      if (file.size <= kSmall) return await putFile(project, source, path, file, tell.onSent, signal)
      if (upload === null) {
        upload = await beginUpload(project, source, path, file.size, fingerprintOf(file))
        tell.onBegun(upload.id, upload.offset)
      } else if (upload.state === 'storing') {
        await waited(500, signal)
        upload = await showUpload(project, source, upload.id)
      } else {
        const { id, offset }: UploadState = upload
        upload = await sendPiece(project, source, id, offset, file.slice(offset, offset + piece), (bytes) => tell.onSent(offset + bytes), signal)
        piece = nextPieceSize(piece, Date.now() - began)
      }
      tell.onSent(upload.offset)
      if (failures > 0) tell.onWait(null)
      failures = 0
      if (upload.state === 'done') return
      if (upload.state === 'receiving' && upload.fault !== null && upload.offset !== 0 && upload.offset === file.size) throw new ApiError(409, 'conflict', upload.fault)
    } catch (error) {
      if (signal.aborted) throw new DOMException('stopped', 'AbortError')
      const right: number | null = rightOffset(error)
      if (upload !== null && right !== null && right !== upload.offset) {
        upload = { ...upload, offset: right }
        continue
      }
      // What was chosen cannot be read any more, or the server says no.
      if (!isPassing(error)) throw error
      ++failures
      piece = nextPieceSize(piece, Infinity)
      tell.onWait(messageOf(error))
      await waited(pauseAfter(failures), signal)
      if (upload !== null) {
        const id: string = upload.id
        upload = await showUpload(project, source, id).catch((fault: unknown) => (isPassing(fault) ? upload : null))
      }
    }
  }
}
