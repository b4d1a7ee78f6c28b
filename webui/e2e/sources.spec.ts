import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { GitServer } from './git-server'
import { axe, expect, fails, fits, test } from './world'

async function withData(world: { unique: (word: string) => string; scientist: { post: (path: string, body: unknown) => Promise<unknown> } }): Promise<string> {
  const name = world.unique('stored')
  await world.scientist.post('/projects', {
    name,
    sources: [{ name: 'data', mount_path: '/workspace/data', cluster_storage: 'default' }],
    tasks: [{ name: 'train', resources: [{ name: 'worker', command: 'ls', volumes: [{ source: 'data' }] }] }],
  })
  return name
}

test('sources are added, edited and taken out, and mounts follow', async ({ as, world, watchdog }) => {
  watchdog.allow(/50[34]/) // The repository is nowhere.
  const name = world.unique('sourced')
  await world.scientist.post('/projects', { name })
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources`)
  await expect(page.getByTestId('empty')).toContainText('No sources yet')
  await axe(page)
  await page.getByRole('button', { name: 'Add a source' }).click()
  await page.getByRole('dialog').getByText('Git repository', { exact: true }).click()
  await page.getByLabel('Name').fill('code')
  await page.getByRole('textbox', { name: 'Repository' }).fill('https://host.example/team/repo')
  await page.getByLabel('Sub path').fill('repo/src')
  await expect(page.getByText('The content of its folder src is at the mount path.')).toBeVisible()
  await axe(page)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Sources' })).toContainText('→ /workspace/code')
  await page.getByLabel('What to do with code').click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  await page.getByLabel('Name').fill('src')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page).toHaveURL(/source=src/)
  await page.getByLabel('What to do with src').click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await expect(page.getByRole('dialog')).toContainText('No task mounts it.')
  await page.getByRole('button', { name: 'Take it out' }).click()
  await expect(page.getByTestId('empty')).toContainText('No sources yet')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('list', { name: 'Sources' })).toContainText('src')
})

test('a private repository is added by the address of its folder, and an account opens it', async ({ as, world, watchdog }) => {
  watchdog.allow(/403/) // At first there is no account.
  const git = await GitServer.start()
  try {
    const name = world.unique('private')
    const repository = git.repository(name, { 'src/train.py': 'print("trained in private")\n' })
    await world.scientist.post('/accounts', { name, kind: 'git_token', user: git.user, secret: git.password })
    await world.scientist.post('/projects', { name, tasks: [{ name: 'train', resources: [{ name: 'worker', command: 'python3 $CODE_DIR/train.py' }] }] })
    const page = await as('scientist')
    await page.goto(`/projects/${name}/sources`)
    await page.getByRole('button', { name: 'Add a source' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Git repository', { exact: true }).click()
    await dialog.getByLabel('Name').fill('code')
    await dialog.getByRole('textbox', { name: 'Repository' }).fill(`${repository}/src`)
    await expect(dialog.getByRole('textbox', { name: 'Repository' })).toHaveValue(repository)
    await expect(dialog.getByLabel('Sub path')).toHaveValue(`${name}/src`)
    await expect(dialog.getByText('Revision and sub path were in the address.')).toBeVisible()
    await expect(dialog.getByRole('combobox', { name: 'Account' })).toHaveAttribute('placeholder', 'without account')
    await axe(page)
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('asks for a user name or key')
    await page.getByRole('button', { name: 'Try it now' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'code' })).toContainText(/account|password|credentials|sign/i)
    await page.getByLabel('What to do with code').click()
    await page.getByRole('menuitem', { name: 'Edit…' }).click()
    await dialog.getByRole('combobox', { name: 'Account' }).click()
    await page.getByRole('option', { name, exact: true }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog).toBeHidden()
    expect((await world.scientist.get<{ document: { sources: object[] } }>(`/projects/${name}`)).document.sources).toMatchObject([{ git: { repository, account: name }, sub_path: `${name}/src` }])
    await expect(page.getByRole('link', { name: 'train.py', exact: true })).toBeVisible()
    const job = await world.reached(await world.run({ name }, 'train'))
    expect(job.state).toBe('Complete')
  } finally {
    git.stop()
  }
})

test('a repository is asked for its branches and tags, once an account opens it', async ({ as, world, watchdog }) => {
  watchdog.allow(/403/) // At first there is no account.
  const git = await GitServer.start()
  try {
    const name = world.unique('expand')
    const repository = git.repository(name, { 'train.py': 'print("hi")\n' })
    git.git(name, 'branch', 'feature/next')
    git.git(name, 'tag', 'v1.0')
    await world.scientist.post('/accounts', { name, kind: 'git_token', user: git.user, secret: git.password })
    await world.scientist.post('/projects', { name })
    const page = await as('scientist')
    await page.goto(`/projects/${name}/sources`)
    await page.getByRole('button', { name: 'Add a source' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Git repository', { exact: true }).click()
    await dialog.getByLabel('Name').fill('code')
    await expect(dialog.getByRole('button', { name: 'Expand' })).toBeDisabled()
    await dialog.getByRole('textbox', { name: 'Repository' }).fill(repository)
    await dialog.getByRole('button', { name: 'Expand' }).click()
    await expect(dialog.getByText('asks for a user name or key')).toBeVisible()
    await axe(page)
    await dialog.getByRole('combobox', { name: 'Account' }).click()
    await page.getByRole('option', { name, exact: true }).click()
    await expect(dialog.getByText('asks for a user name or key')).toBeHidden()
    await dialog.getByRole('button', { name: 'Expand' }).click()
    await expect(dialog.getByText('HEAD is main · 2 branches · 1 tag')).toBeVisible()
    await dialog.getByRole('combobox', { name: 'Revision' }).click()
    await expect(page.getByRole('option')).toHaveText(['main', 'feature/next', 'v1.0'])
    await axe(page)
    await page.getByRole('option', { name: 'feature/next' }).click()
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dialog).toBeHidden()
    expect((await world.scientist.get<{ document: { sources: object[] } }>(`/projects/${name}`)).document.sources).toMatchObject([{ git: { repository, account: name, revision: 'feature/next' } }])
    await expect(page.getByRole('link', { name: `${name}/` })).toBeVisible()
  } finally {
    git.stop()
  }
})

test('the files of a git source are browsed at their commit, and not changed', async ({ as, world, watchdog }) => {
  const git = await GitServer.start()
  try {
    const name = world.unique('browsed')
    const repository = git.repository(name, { 'README.md': '# Read me\n', 'src/train.py': 'print("trained <b>here</b>")\n', 'src/long name 数 <i>.txt': 'odd\n' })
    await world.scientist.post('/accounts', { name, kind: 'git_token', user: git.user, secret: git.password })
    await world.scientist.post('/projects', { name, sources: [{ name: 'code', git: { repository, account: name } }] })
    const { commit } = await world.scientist.get<{ commit: string }>(`/projects/${name}/sources/code/files`)
    const page = await as('scientist')
    await page.goto(`/projects/${name}/sources`)
    await expect(page.getByRole('navigation', { name: 'Folder' })).toContainText(`at ${commit.slice(0, 12)}`)
    await page.getByRole('link', { name: `${name}/` }).click()
    await page.getByRole('link', { name: 'src/', exact: true }).click()
    await expect(page.getByRole('link', { name: 'long name 数 <i>.txt', exact: true })).toBeVisible()
    await page.getByRole('link', { name: 'train.py', exact: true }).click()
    await expect(page.getByLabel('Content of train.py')).toContainText('print("trained <b>here</b>")')
    await axe(page)
    await fits(page)
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download', exact: true }).click()])
    expect(download.suggestedFilename()).toBe('train.py')
    // Nothing here puts or deletes.
    await expect(page.getByRole('button', { name: /upload|delete/i })).toHaveCount(0)
    await expect(page.getByText('They are changed by commits, and not from here.')).toBeVisible()
    await page.goto(`/projects/${name}/sources?source=code&path=${name}/none`)
    watchdog.allow(/404/)
    await expect(page.getByRole('alert')).toContainText('is not there')
    await expect(page.getByRole('list', { name: 'Sources' })).toContainText('code')
  } finally {
    git.stop()
  }
})

test('a repository that is long to fetch is waited for, in words', async ({ as, world, watchdog }) => {
  watchdog.allow(/504/)
  const name = world.unique('slow')
  await world.scientist.post('/projects', { name, sources: [{ name: 'code', git: 'https://host.example/team/large' }] })
  const page = await as('scientist')
  let asked = 0
  await page.route('**/sources/code/files?**', (route) => {
    asked += 1
    if (asked === 1) return route.fulfill({ status: 504, json: { code: 'timeout', message: 'the git repository is still being fetched', details: [], request_id: 'r' } })
    return route.fulfill({ json: { items: [{ name: 'large', encoded_name: null, kind: 'folder', size_bytes: 0, modified_at: '2026-01-01T00:00:00.000Z', tag: null }], next_cursor: null, commit: 'a'.repeat(40) } })
  })
  await page.goto(`/projects/${name}/sources`)
  await expect(page.getByRole('status').filter({ hasText: 'still being fetched' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'large/' })).toBeVisible()
  await expect(page.getByText('still being fetched')).toBeHidden()
})

test('sources of every kind have fields of their own, and can be tried', async ({ as, world, watchdog }) => {
  watchdog.allow(/503/)
  const name = world.unique('kinds')
  await world.scientist.post('/projects', { name })
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources`)
  await page.getByRole('button', { name: 'Add a source' }).click()
  await page.getByRole('dialog').getByText('NFS', { exact: true }).click()
  await page.getByLabel('Name').fill('archive')
  await page.getByRole('textbox', { name: 'Server' }).fill('127.0.0.1:9')
  await page.getByRole('textbox', { name: 'Path', exact: true }).fill('/exports')
  await axe(page)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Sources' })).toContainText('127.0.0.1:9:/exports')
  // Its files are shown where they can be reached; why not stands in their place.
  await expect(page.getByText('The files could not be read')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Upload files…' })).toBeVisible()
  await axe(page)
  await page.getByRole('button', { name: 'Try it now' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'archive' })).toContainText('the NFS server 127.0.0.1:9 cannot be reached')
  await page.getByRole('button', { name: 'Add a source' }).click()
  await page.getByRole('dialog').getByText('S3 bucket', { exact: true }).click()
  await page.getByLabel('Name').fill('results')
  await page.getByRole('textbox', { name: 'Bucket' }).fill('results')
  await page.getByLabel('Copy').check()
  await axe(page)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Sources' })).toContainText('results')
  const saved = await world.scientist.get<{ document: { sources: object[] } }>(`/projects/${name}`)
  expect(saved.document.sources).toMatchObject([{ nfs: { server: '127.0.0.1:9', path: '/exports' } }, { s3: { bucket: 'results', mode: 'copy' } }])
  await page.getByLabel('What to do with archive').click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  await expect(page.getByRole('textbox', { name: 'Server' })).toHaveValue('127.0.0.1:9')
})

test('a source that a task mounts goes with its mount', async ({ as, world }) => {
  const name = await withData(world)
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources`)
  await page.getByLabel('What to do with data').click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await expect(page.getByRole('dialog')).toContainText('train / worker mounts it by name')
  await page.getByRole('button', { name: 'Take it out' }).click()
  await expect(page.getByTestId('empty')).toBeVisible()
  // The page may show it before the server has saved it.
  const mounts = async () => (await world.scientist.get<{ document: { tasks: { resources: object[] }[] } }>(`/projects/${name}`)).document.tasks[0]?.resources[0]
  await expect.poll(mounts).toMatchObject({ default_volume_mapping: false })
})

test('files are uploaded, shown, downloaded and deleted', async ({ as, world, picture }) => {
  const name = await withData(world)
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources?source=data`)
  await expect(page.getByTestId('empty')).toContainText('No files yet')
  await axe(page)
  await page.getByTestId('upload-files').setInputFiles([
    { name: 'notes <b>数.txt', mimeType: 'text/plain', buffer: Buffer.from('first line\n<i>no markup</i>\n') },
    { name: 'model.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2]) },
  ])
  await expect(page.getByRole('region', { name: 'Uploads' })).toContainText('2 of 2 files uploaded')
  await page.getByRole('link', { name: 'notes <b>数.txt', exact: true }).click()
  await expect(page.getByLabel('Content of notes <b>数.txt')).toContainText('<i>no markup</i>')
  await axe(page)
  await fits(page)
  await picture(page, 'sources')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download', exact: true }).click()])
  expect(download.suggestedFilename()).toContain('notes')
  await page.getByRole('link', { name: 'model.bin', exact: true }).click()
  await expect(page.getByText('This is no text')).toBeVisible()
  await page.getByRole('button', { name: 'Delete model.bin' }).click()
  await expect(page.getByRole('link', { name: 'model.bin', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('link', { name: 'model.bin', exact: true })).toBeVisible()
})

test('a large upload goes on after a lost connection, a pause, and leaving the page', async ({ as, world, watchdog }) => {
  watchdog.allow(/ERR_FAILED|ERR_ABORTED|Failed to load resource/)
  const name = await withData(world)
  const folder = mkdtempSync(join(tmpdir(), 'pintle-upload-'))
  const large = join(folder, 'large.bin')
  const content = Buffer.alloc(12 * 1024 * 1024, 'abcdefg')
  writeFileSync(large, content)
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources?source=data`)
  let pieces = 0
  let cut = true
  await page.route(/uploads\/[^/]+\?offset=/, (route) => (++pieces > 2 && cut ? route.abort() : route.continue()))
  await page.getByTestId('upload-files').setInputFiles(large)
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await expect(uploads.getByText('Trying again')).toBeVisible()
  await axe(page)
  await page.getByRole('button', { name: 'Pause large.bin' }).click()
  await expect(uploads).toContainText('1 paused')
  await page.reload()
  const left = page.getByRole('region', { name: 'Unfinished uploads' })
  await expect(left).toContainText('Choose the same file in the same folder again')
  await axe(page)
  await fits(page)
  cut = false
  pieces = 0
  await page.getByTestId('upload-files').setInputFiles(large)
  await expect(page.getByRole('region', { name: 'Uploads' })).toContainText('1 of 1 file uploaded')
  await expect(page.getByRole('link', { name: 'large.bin', exact: true })).toBeVisible()
  const fetched = await page.request.get(`/api/v1/projects/${name}/sources/data/files?path=large.bin`)
  expect((await fetched.body()).equals(content)).toBe(true)
  rmSync(folder, { recursive: true, force: true })
})

test('an upload that fails says so for its file and is tried again', async ({ as, world, watchdog }) => {
  watchdog.allow(/500/)
  const name = await withData(world)
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources?source=data`)
  await expect(page.getByTestId('empty')).toBeVisible()
  const mend = await fails(page, /files\?path=bad/)
  const file = (named: string) => ({ name: named, mimeType: 'text/plain', buffer: Buffer.from('x') })
  await page.getByTestId('upload-files').setInputFiles([file('bad.txt'), file('good.txt')])
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await expect(uploads).toContainText('1 of 2 files uploaded')
  await expect(uploads).toContainText('bad.txt')
  await mend()
  await uploads.getByRole('button', { name: 'Try the failed again' }).click()
  await expect(uploads).toContainText('2 of 2 files uploaded')
})

test('files that cannot be read say so in their panel', async ({ as, world, watchdog }) => {
  watchdog.allow(/500/)
  const name = await withData(world)
  const page = await as('scientist')
  await fails(page, /sources\/data\/files/)
  await page.goto(`/projects/${name}/sources?source=data`)
  await expect(page.getByRole('alert')).toContainText('The files could not be read')
  await expect(page.getByRole('list', { name: 'Sources' })).toContainText('data')
})

/** A folder on this machine, with a folder within. */
function folderOfFiles(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pintle-upload-')), 'digits')
  mkdirSync(join(folder, 'train'), { recursive: true })
  writeFileSync(join(folder, 'labels.csv'), 'a,b\n')
  writeFileSync(join(folder, 'train', 'one.txt'), 'one\n')
  writeFileSync(join(folder, 'train', 'two.txt'), 'two\n')
  return folder
}

/** What the browser does when somebody lets files of their desktop go over an element: a script could not make such files. */
async function drop(page: Page, onto: Locator, files: string[]) {
  // Waits until nothing moves it any more.
  await onto.hover()
  const box = await onto.boundingBox()
  if (!box) throw new Error('there is nothing to drop onto')
  const mouse = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await mouse.send('Input.dispatchDragEvent', { type, ...at, data })
  await mouse.detach()
}

test('a folder is uploaded with what is in its folders', async ({ as, world }) => {
  const name = await withData(world)
  const folder = folderOfFiles()
  try {
    const page = await as('scientist')
    await page.goto(`/projects/${name}/sources?source=data`)
    await expect(page.getByTestId('empty')).toContainText('No files yet')
    await page.getByTestId('upload-folder').setInputFiles(folder)
    await expect(page.getByRole('region', { name: 'Uploads' })).toContainText('3 of 3 files uploaded')
    const grid = page.getByRole('grid', { name: 'Files of data' })
    await expect(grid).toContainText('labels.csv')
    await grid.getByRole('link', { name: 'train/' }).click()
    await expect(page).toHaveURL(/path=train/)
    await expect(grid.getByRole('link', { name: 'one.txt', exact: true })).toBeVisible()
    await grid.getByRole('link', { name: 'two.txt', exact: true }).click()
    await expect(page.getByLabel('Content of two.txt')).toContainText('two')
  } finally {
    rmSync(dirname(folder), { recursive: true })
  }
})

test('files and folders are dropped where they belong', async ({ as, world }) => {
  const name = await withData(world)
  const folder = folderOfFiles()
  try {
    const page = await as('scientist')
    await page.goto(`/projects/${name}/sources?source=data`)
    await drop(page, page.getByTestId('empty'), [join(folder, 'labels.csv'), folder])
    await expect(page.getByRole('region', { name: 'Uploads' })).toContainText('4 of 4 files uploaded')
    const grid = page.getByRole('grid', { name: 'Files of data' })
    await expect(grid.getByRole('link', { name: 'labels.csv', exact: true })).toBeVisible()
    await grid.getByRole('link', { name: 'digits/' }).click()
    await expect(page).toHaveURL(/path=digits/)
    await grid.getByRole('link', { name: 'train/' }).click()
    await expect(grid.getByRole('link', { name: 'one.txt', exact: true })).toBeVisible()
    // Into the folder that is open.
    await drop(page, grid, [join(folder, 'labels.csv')])
    await expect(grid.getByRole('link', { name: 'labels.csv', exact: true })).toBeVisible()
    await expect(page).toHaveURL(/path=digits%2Ftrain/)
  } finally {
    rmSync(dirname(folder), { recursive: true })
  }
})
