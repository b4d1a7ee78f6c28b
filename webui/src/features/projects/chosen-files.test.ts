import { describe, expect, it } from 'vitest'
import { documentOf, uploadsOf, withSummary } from './chosen-files'

describe('files chosen for a new project', () => {
  it('have one document among them', () => {
    const readme = { name: 'README.md', text: '' }
    expect(documentOf([readme, { name: 'a.yaml', text: '' }, { name: 'pintle.yaml', text: 'p' }])?.text).toBe('p')
    expect(documentOf([readme])).toBe(readme)
    expect(documentOf([readme, { name: 'x.py', text: '' }])).toBeNull()
  })

  it('give the document its summary, or the field goes', () => {
    const text = 'name: x\nsummary_file: docs/README.md\n'
    expect(withSummary(text, [{ name: 'README.md', text: '# X\nY\n' }])).toEqual({ text: 'name: x\nsummary: |\n  # X\n  Y\n', missing: null })
    expect(withSummary(text, [])).toEqual({ text: 'name: x\n', missing: 'docs/README.md' })
    expect(withSummary('name: x\n', [])).toEqual({ text: 'name: x\n', missing: null })
    expect(withSummary('a: [', [])).toEqual({ text: 'a: [', missing: null })
  })

  it('say which folders are still to be uploaded', () => {
    expect(uploadsOf('sources: [{name: src, upload: code, cluster_storage: default}, {name: d, git: u}]')).toEqual([{ source: 'src', folder: 'code' }])
  })
})
