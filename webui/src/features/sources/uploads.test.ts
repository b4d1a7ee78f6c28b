import { describe, expect, it } from 'vitest'
import { asText, crumbsOf, joinPath, nextUploads, progressOf, targetOf, type Upload, type UploadEvent } from './uploads'

describe('uploads', () => {
  const after = (...events: UploadEvent[]) => events.reduce<Upload[]>(nextUploads, [])
  const add: UploadEvent = { kind: 'add', files: [{ id: 1, path: 'a', size: 10 }, { id: 2, path: 'b', size: 30 }] }

  it('have a progress and an end each', () => {
    const uploads = after(add, { kind: 'begin', id: 1 }, { kind: 'sent', id: 1, bytes: 5 }, { kind: 'begin', id: 2 }, { kind: 'failed', id: 2, error: 'the disk is full' })
    expect(progressOf(uploads)).toEqual({ files: 2, done: 0, failed: 1, bytes: 40, sent: 5, busy: true })
    expect(uploads[1]?.error).toBe('the disk is full')
    expect(progressOf(nextUploads(uploads, { kind: 'done', id: 1 })).busy).toBe(false)
  })

  it('that failed can be tried again, and what ended is cleared', () => {
    const uploads = after(add, { kind: 'begin', id: 1 }, { kind: 'done', id: 1 }, { kind: 'failed', id: 2, error: 'x' })
    expect(nextUploads(uploads, { kind: 'retry' })[1]?.state).toBe('waiting')
    expect(nextUploads(uploads, { kind: 'clear' })).toEqual([])
    expect(nextUploads(uploads, { kind: 'sent', id: 1, bytes: 3 })[0]?.sent).toBe(10)
  })
})

describe('paths', () => {
  it('never lead up', () => {
    expect(joinPath('a/', '/b', '../c', './d')).toBe('a/b/c/d')
    expect(joinPath('', '')).toBe('')
  })
  it('of a chosen folder go where its content goes', () => {
    expect(targetOf('x', 'src/lib/a.py', true)).toBe('x/lib/a.py')
    expect(targetOf('x', 'src/lib/a.py', false)).toBe('x/src/lib/a.py')
    expect(targetOf('', 'a.py', true)).toBe('a.py')
  })
  it('have crumbs', () => {
    expect(crumbsOf('/a/b/')).toEqual([['a', 'a'], ['b', 'a/b']])
    expect(crumbsOf('')).toEqual([])
  })
})

describe('a preview', () => {
  it('is of texts only', () => {
    expect(asText(new TextEncoder().encode('größe 数'))).toBe('größe 数')
    expect(asText(new TextEncoder().encode('数').slice(0, 2))).toBe('')
    expect(asText(new Uint8Array([1, 0, 2]))).toBeNull()
    expect(asText(new Uint8Array([0xff, 0xfe, 0x41]))).toBeNull()
  })
})
