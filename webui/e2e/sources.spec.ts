import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
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

test('sources are added, edited and taken out, and mounts follow', async ({ as, world }) => {
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

test('sources of every kind have fields of their own, and can be tried', async ({ as, world }) => {
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
  const saved = await world.scientist.get<{ document: { tasks: { resources: object[] }[] } }>(`/projects/${name}`)
  expect(saved.document.tasks[0]?.resources[0]).toMatchObject({ default_volume_mapping: false })
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
