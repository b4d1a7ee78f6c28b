import { describe, expect, it } from 'vitest'
import { asText, crumbsOf, joinPath, nextUploads, progressOf, targetOf, type Upload, type UploadEvent } from './uploads'

describe('uploads', () => {
  const after = (...events: UploadEvent[]) => events.reduce<Upload[]>(nextUploads, [])
  const add: UploadEvent = { kind: 'add', files: [{ id: 1, path: 'a', size: 10 }, { id: 2, path: 'b', size: 30 }] }

  it('have a progress and an end each', () => {
    const uploads = after(add, { kind: 'begin', id: 1 }, { kind: 'sent', id: 1, bytes: 5 }, { kind: 'begin', id: 2 }, { kind: 'failed', id: 2, error: 'the disk is full' })
    expect(progressOf(uploads)).toEqual({ files: 2, done: 0, failed: 1, paused: 0, bytes: 40, sent: 5, busy: true })
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

describe('uploads in pieces', () => {
  const after = (...events: UploadEvent[]) => events.reduce<Upload[]>(nextUploads, [{ id: 1, path: 'a', size: 100, sent: 0, state: 'waiting', error: null, remote: null, wait: null, from: 0 }])
  const begun: UploadEvent[] = [{ kind: 'begin', id: 1 }, { kind: 'begun', id: 1, remote: 'U', offset: 40 }]

  it('go on from what has come before', () => {
    expect(after(...begun)[0]).toMatchObject({ sent: 40, from: 40, remote: 'U' })
    expect(after(...begun, { kind: 'sent', id: 1, bytes: 60 }, { kind: 'failed', id: 1, error: 'x' })[0]).toMatchObject({ sent: 60, state: 'failed' })
  })
  it('are paused and gone on with, and say why nothing moves', () => {
    const paused = after(...begun, { kind: 'wait', id: 1, why: 'away' }, { kind: 'pause', id: 1 })
    expect(paused[0]).toMatchObject({ state: 'paused', wait: null, sent: 40 })
    expect(progressOf(paused)).toMatchObject({ paused: 1, busy: false })
    expect(nextUploads(paused, { kind: 'resume', id: 1 })[0]?.state).toBe('waiting')
    expect(nextUploads(paused, { kind: 'cancel', id: 1 })).toEqual([])
    expect(nextUploads(paused, { kind: 'clear' })).toHaveLength(1)
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
