import type { Schemas } from '../src/api/client'
import { axe, expect, fails, fits, kPhone, test, until, type World } from './world'

/** A project with a folder on the storage in which so many bytes lie, and how its owner sees it once it was measured. */
async function stored(world: World, bytes: number, name = world.unique('stored')): Promise<string> {
  await world.scientist.post('/projects', {
    name,
    sources: [{ name: 'data', mount_path: '/workspace/data', cluster_storage: 'default' }],
    tasks: [{ name: 'train', resources: [{ name: 'worker', command: 'ls', volumes: [{ source: 'data' }] }] }],
  })
  await world.scientist.send('PUT', `/projects/${name}/sources/data/files?path=big.bin`, 'x'.repeat(bytes))
  await until(`${name} is measured`, async () => {
    const storage = await world.scientist.get<Schemas['StorageFull']>('/storages/default')
    return storage.folders.some((folder) => folder.name === name && folder.files === 1)
  })
  return name
}

test('an operator sees who fills a storage, and sets a quota where it stands', async ({ as, world, watchdog }) => {
  watchdog.allow(/400/)
  const name = await stored(world, 3_000_000)
  const page = await as('operator')
  await page.goto('/operator/storages')
  await expect(page.getByRole('list', { name: 'Storages' })).toContainText('free of')
  const grid = page.getByRole('grid', { name: 'What lies on default' })
  await page.getByLabel('Filter by name or group').fill(name)
  const row = grid.getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('3 MB')
  await expect(row).toContainText('research')
  await axe(page)
  await row.getByRole('button', { name: /^Quota of / }).click()
  const field = page.getByRole('textbox', { name: `Quota of the project ${name}` })
  await expect(field).toBeFocused()
  await axe(page)
  await field.fill('a lot')
  await field.press('Enter')
  await expect(page.getByText('expected a size such as 100GB or 20Gi')).toBeVisible()
  await field.fill('1MB')
  await field.press('Enter')
  await expect(field).toBeHidden()
  await expect(row.getByRole('meter')).toHaveAttribute('aria-valuetext', '3 MB of 1 MB')
  await expect(row).toContainText('✕')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row.getByRole('button', { name: /no limit \(default\)/ })).toBeVisible()
})

test('what lies on a storage has an address: by group, sorted, filtered', async ({ as, world }) => {
  const [small, large] = [await stored(world, 20_000), await stored(world, 900_000)]
  const page = await as('operator')
  await page.goto('/operator/storages?storage=default&by=projects')
  const grid = page.getByRole('grid', { name: 'What lies on default' })
  const names = async () => (await grid.getByRole('row').allInnerTexts()).join(' ')
  await expect(grid).toContainText(large)
  expect((await names()).indexOf(large)).toBeLessThan((await names()).indexOf(small))
  await page.getByRole('button', { name: /^Used/ }).click()
  await expect(page).toHaveURL(/sort=smallest/)
  expect((await names()).indexOf(small)).toBeLessThan((await names()).indexOf(large))
  await page.getByText('Groups', { exact: true }).last().click()
  await expect(page).toHaveURL(/by=groups/)
  await expect(grid.getByRole('row').filter({ hasText: 'research' })).toBeVisible()
  await expect(grid).not.toContainText(large)
  await page.goto('/operator/storages?by=42&sort=nonsense&text=there-is-none')
  await expect(page.getByTestId('empty')).toContainText('Nothing like that')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(page.getByRole('grid')).toContainText(large)
})

test('usage that cannot be read leaves the list of storages alone, on a phone too', async ({ as, watchdog }) => {
  const page = await as('operator', { viewport: kPhone })
  watchdog.allow(/500/)
  const heal = await fails(page, '/storages/default')
  await page.goto('/operator/storages')
  await expect(page.getByRole('alert')).toContainText('The usage of the storage could not be read')
  await expect(page.getByRole('list', { name: 'Storages' })).toContainText('default')
  await fits(page)
  await heal()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('the owner of a project sees that its source is nearly full, and then full', async ({ as, world }) => {
  const name = await stored(world, 950_000)
  const { id } = await world.scientist.get<Schemas['ProjectFull']>(`/projects/${name}`)
  const allow = (quota: string) => world.operator.send('PUT', '/storages/default/quota', { project: id, quota })
  await allow('1MB')
  const page = await as('scientist')
  await page.goto(`/projects/${name}/sources`)
  const list = page.getByRole('list', { name: 'Sources' })
  await expect(list.getByRole('meter', { name: 'Used by data' })).toHaveAttribute('aria-valuetext', /of 1 MB$/)
  await expect(list).toContainText('▲ Nearly full')
  await axe(page)
  await allow('100kB')
  await page.reload()
  await expect(list).toContainText('✕ Full')
  await axe(page)
})
