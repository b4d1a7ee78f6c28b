import { useCallback, useEffect, useReducer, useRef } from 'react'
import { messageOf } from '@/api/error'
import type { ProjectFull } from '@/api/projects'
import { cancelUpload } from './api'
import { sendFile } from './send-file'
import { nextUploads, type Upload } from './uploads'

const kAtOnce = 3

export interface Chosen {
  path: string
  file: File
}

/** Sends files into a source, a few at a time; one that fails does not stop the others. */
export function useUploads(project: ProjectFull, source: string, onFile: () => void) {
  const [uploads, dispatch] = useReducer(nextUploads, [])
  const files = useRef(new Map<number, File>())
  const sending = useRef(new Map<number, AbortController>())
  const count = useRef(0)
  const done = useRef(onFile)
  useEffect(() => {
    done.current = onFile
  })
  useEffect(() => {
    const waiting = uploads.filter((each) => each.state === 'waiting' && !sending.current.has(each.id))
    for (const upload of waiting.slice(0, Math.max(0, kAtOnce - sending.current.size))) {
      const file = files.current.get(upload.id)
      if (!file) continue
      const abort = new AbortController()
      sending.current.set(upload.id, abort)
      dispatch({ kind: 'begin', id: upload.id })
      const id = upload.id
      const tell = {
        onSent: (bytes: number) => dispatch({ kind: 'sent', id, bytes }),
        onBegun: (remote: string, offset: number) => dispatch({ kind: 'begun', id, remote, offset }),
        onWait: (why: string | null) => dispatch({ kind: 'wait', id, why }),
      }
      sendFile(project, source, upload.path, file, tell, abort.signal).then(
        () => {
          sending.current.delete(upload.id)
          files.current.delete(upload.id)
          dispatch({ kind: 'done', id: upload.id })
          done.current()
        },
        (error: unknown) => {
          sending.current.delete(upload.id)
          // Who stopped it has said already what becomes of it.
          dispatch(abort.signal.aborted ? { kind: 'wait', id, why: null } : { kind: 'failed', id, error: messageOf(error) })
        },
      )
    }
  }, [uploads, project, source])
  useEffect(() => {
    const live = sending.current
    return () => {
      for (const abort of live.values()) abort.abort()
    }
  }, [])
  const add = useCallback((chosen: Chosen[]) => {
    const made = chosen.map(({ path, file }) => {
      const id = ++count.current
      files.current.set(id, file)
      return { id, path, size: file.size }
    })
    dispatch({ kind: 'add', files: made })
  }, [])
  const pause = (id: number) => {
    dispatch({ kind: 'pause', id })
    sending.current.get(id)?.abort()
  }
  const cancel = (upload: Upload) => {
    sending.current.get(upload.id)?.abort()
    files.current.delete(upload.id)
    dispatch({ kind: 'cancel', id: upload.id })
    // What cannot be reached now ends by itself a day later.
    if (upload.remote !== null) void cancelUpload(project, source, upload.remote).catch(() => {}).then(() => done.current())
  }
  return { uploads, add, pause, cancel, resume: (id: number) => dispatch({ kind: 'resume', id }), retry: () => dispatch({ kind: 'retry' }), clear: () => dispatch({ kind: 'clear' }) }
}

const kMostFiles = 20_000

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    // A reader gives about a hundred at a time, and nothing at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}

/** The files of what was dropped, folders with everything in them. */
export async function droppedFiles(items: DataTransferItemList): Promise<{ relative: string; file: File }[]> {
  // The list is empty once this function has waited for anything.
  const entries = [...items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null
    return entry ? [entry] : []
  })
  const found: { relative: string; file: File }[] = []
  const walk = async (entry: FileSystemEntry, before: string): Promise<void> => {
    if (found.length >= kMostFiles) throw new Error(`More than ${kMostFiles.toLocaleString('en')} files at once are too many; use pintle source upload.`)
    const relative = before === '' ? entry.name : `${before}/${entry.name}`
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      found.push({ relative, file })
      return
    }
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await walk(child, relative)
  }
  for (const entry of entries) await walk(entry, '')
  return found
}
