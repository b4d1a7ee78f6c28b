import { expect, test } from 'vitest'
import { repositoryName, takeApart } from './git-place'

test.each([
  ['https://github.com/org/repo/tree/v2/sub/dir', 'https://github.com/org/repo', 'v2', 'repo/sub/dir'],
  ['https://github.com/org/repo/tree/master/sub?tab=1', 'https://github.com/org/repo', '', 'repo/sub'],
  ['https://github.com/org/repo/tree/v2/', 'https://github.com/org/repo', 'v2', ''],
  ['https://gitlab.com/group/sub/repo/-/tree/main/dir', 'https://gitlab.com/group/sub/repo', 'main', 'repo/dir'],
  ['https://bitbucket.org/org/repo/src/main/dir', 'https://bitbucket.org/org/repo', 'main', 'repo/dir'],
  ['https://gitea.example/org/repo/src/branch/main/dir', 'https://gitea.example/org/repo', 'main', 'repo/dir'],
  ['git@host:org/repo.git/sub/dir/', 'git@host:org/repo.git', '', 'repo/sub/dir'],
  ['https://host.example/team/repo.git/sub', 'https://host.example/team/repo.git', '', 'repo/sub'],
])('%s is taken apart', (url, repository, revision, sub_path) => {
  expect(takeApart(url)).toEqual({ repository, revision, sub_path })
})

test.each(['', 'https://github.com/org/repo', 'https://host.example/team/repo.git', 'git@host:org/repo.git', 'https://host.example/a/b/src/c', 'file:///srv/x.git/tree', '/srv/a/tree/b/c', 'https://github.com'])('%s is a repository as it stands', (url) => {
  expect(takeApart(url)).toBeNull()
})

test('a repository is called by the end of its address', () => {
  expect(repositoryName('https://host.example/team/repo.git/')).toBe('repo')
  expect(repositoryName('git@host:repo')).toBe('repo')
})
