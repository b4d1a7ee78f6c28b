import { useCallback, useEffect, useRef, useState } from 'react'
import { idempotencyKey } from '@/api/client'
import { messageOf } from '@/api/error'
import { sendFormFile } from './api'
import { uploadsIn, withUpload, type Filled, type Upload } from './values'

export interface Uploads {
  /** Bytes that were sent, by token. */
  sent: Readonly<Record<string, number>>
  /** Begins to send a file; put what it returns into the form. */
  begin: (file: File) => Upload
  retry: (token: string) => void
  /** Whether the file is still at hand, so that sending it can be tried again. */
  canRetry: (token: string) => boolean
}

/** Sends the files that are chosen for a form, and stops those that are taken out again. */
export function useUploads(project: { id: string }, filled: Filled, change: (next: (filled: Filled) => Filled) => void): Uploads {
  const [sent, setSent] = useState<Record<string, number>>({})
  const files = useRef(new Map<string, File>())
  const sending = useRef(new Map<string, AbortController>())

  const send = useCallback(
    (token: string, file: File) => {
      const abort = new AbortController()
      sending.current.set(token, abort)
      setSent((before) => ({ ...before, [token]: 0 }))
      sendFormFile(project, file, (bytes) => setSent((before) => ({ ...before, [token]: bytes })), abort.signal).then(
        (made) => {
          sending.current.delete(token)
          files.current.delete(token)
          change((before) => withUpload(before, token, () => ({ token, id: made.id, name: made.name, size: made.size_bytes })))
        },
        (error: unknown) => {
          sending.current.delete(token)
          if (!abort.signal.aborted) change((before) => withUpload(before, token, (upload) => ({ ...upload, fault: messageOf(error) })))
        },
      )
    },
    [project, change],
  )
  const begin = useCallback(
    (file: File): Upload => {
      const token = idempotencyKey()
      files.current.set(token, file)
      send(token, file)
      return { token, id: null, name: file.name, size: file.size }
    },
    [send],
  )
  const retry = useCallback(
    (token: string) => {
      const file = files.current.get(token)
      if (!file) return
      change((before) => withUpload(before, token, ({ id, name, size }) => ({ token, id, name, size })))
      send(token, file)
    },
    [change, send],
  )
  const canRetry = useCallback((token: string) => files.current.has(token), [])

  useEffect(() => {
    const wanted = new Set(uploadsIn(filled).map((upload) => upload.token))
    for (const [token, abort] of sending.current) if (!wanted.has(token)) abort.abort()
    for (const token of files.current.keys()) if (!wanted.has(token)) files.current.delete(token)
  }, [filled])
  useEffect(() => {
    const live = sending.current
    return () => {
      for (const abort of live.values()) abort.abort()
    }
  }, [])
  return { sent, begin, retry, canRetry }
}
