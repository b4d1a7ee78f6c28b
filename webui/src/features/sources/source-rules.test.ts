import { describe, expect, it } from 'vitest'
import { gitPlaceText, isIncomplete, isNamed, mountFault, removeSource, replaceSource, sourceOf, visibilityText, type SourceForm } from './source-rules'

const kDocument = {
  name: 'vision',
  sources: [{ name: 'src', git: 'https://h.example/t/repo' }, { name: 'data', cluster_storage: 'default', upload: 'd' }],
  tasks: [
    {
      name: 'train',
      revisions: { src: 'v1' },
      resources: [{ name: 'a', volumes: [{ source: 'src' }] }, { name: 'b', volumes: [{ source: 'src' }, { source: 'data', sub_path: 'x' }] }, { name: 'c' }],
    },
  ],
}

const kForm: SourceForm = { name: 'data', kind: 'cluster_storage', repository: '', revision: '', storage: 'default', server: '', path: '/', bucket: '', region: '', account: '', copies: false, sub_path: '', mount_path: '/data', read_only: false, library_dir: false }

describe('a source', () => {
  it('is named in mounts and revisions, which follow its name', () => {
    const { sources, tasks } = replaceSource(kDocument, 'src', { name: 'code', git: 'u' })
    expect(sources[0]).toEqual({ name: 'code', git: 'u' })
    expect(tasks).toMatchObject([{ revisions: { code: 'v1' }, resources: [{ volumes: [{ source: 'code' }] }, { volumes: [{ source: 'code' }, { source: 'data', sub_path: 'x' }] }, { name: 'c' }] }])
  })

  it('goes with its mounts, and who mounted only it mounts nothing then', () => {
    expect(isNamed(kDocument, 'src')).toBe(true)
    const { sources, tasks } = removeSource(kDocument, 'src')
    expect(sources).toHaveLength(1)
    expect(tasks).toEqual([
      { name: 'train', resources: [{ name: 'a', default_volume_mapping: false }, { name: 'b', volumes: [{ source: 'data', sub_path: 'x' }] }, { name: 'c' }] },
    ])
    expect(isNamed({ ...kDocument, ...removeSource(kDocument, 'src') }, 'src')).toBe(false)
  })

  it('is written without what it does not say, and keeps its upload', () => {
    expect(sourceOf(kForm, kDocument.sources[1])).toEqual({ name: 'data', mount_path: '/data', cluster_storage: 'default', upload: 'd' })
    expect(sourceOf({ ...kForm, kind: 'git', repository: ' u ', revision: 'main', read_only: true }, kDocument.sources[1])).toEqual({ name: 'data', mount_path: '/data', git: { repository: 'u', revision: 'main' }, read_only: true })
  })

  it('is written as each kind of it is', () => {
    const origin = (form: Partial<SourceForm>) => sourceOf({ ...kForm, ...form }, {})
    expect(origin({ kind: 'nfs', server: '10.0.0.5', path: '/exports' })).toMatchObject({ nfs: { server: '10.0.0.5', path: '/exports' } })
    expect(origin({ kind: 's3', bucket: 'results' })).toMatchObject({ s3: { bucket: 'results' } })
    expect(origin({ kind: 's3', bucket: 'b', server: 'http://h:9000', region: 'eu', account: 'ours', copies: true })).toMatchObject({ s3: { bucket: 'b', server: 'http://h:9000', region: 'eu', account: 'ours', mode: 'copy' } })
    expect(origin({ kind: 'git', repository: 'u', account: 'deploy' })).toMatchObject({ git: { repository: 'u', account: 'deploy' } })
    expect([isIncomplete({ ...kForm, kind: 'nfs', server: 'h', path: 'x' }), isIncomplete({ ...kForm, kind: 's3' }), isIncomplete(kForm)]).toEqual([true, true, false])
  })

  it('tells who sees it and what is where', () => {
    expect(visibilityText('/shared/x')).toContain('Everybody')
    expect(visibilityText('/shared')).toContain('group')
    expect(visibilityText('/')).toContain('whole folder')
    expect(visibilityText('x')).toContain('Only this project')
    expect(gitPlaceText('https://h.example/t/repo', 'repo/src').text).toContain('folder src')
    expect(gitPlaceText('https://h.example/t/repo', 'repo').text).toContain('content of the repository')
    expect(gitPlaceText('https://h.example/t/repo', 'src').warning).toBe(true)
    expect(mountFault('a/../b')).not.toBeNull()
    expect(mountFault('/a..b')).toBeNull()
  })
})
