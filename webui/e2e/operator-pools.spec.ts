import type { Schemas } from '../src/api/client'
import { axe, expect, fails, fits, kPhone, test, type World } from './world'

// Other tests leave pools; what is dragged and where to are both to be seen, since browsers do not scroll for a pointer.
const kTall = { width: 1280, height: 3000 }

async function emptyPool(world: World): Promise<string> {
  const name = world.unique('lab')
  await world.operator.post('/pools', { name, model: 'T4', gpus: 0 })
  return name
}

const pools = (world: World) => world.operator.get<{ items: Schemas['Pool'][] }>('/pools').then((page) => page.items)
const totalOf = async (world: World, name: string) => (await pools(world)).find((pool) => pool.name === name)?.total

test('a GPU is dragged into a pool and back by undo; the sum stays what the machines have', async ({ as, world, picture }) => {
  const name = await emptyPool(world)
  const page = await as('operator', { viewport: kTall })
  await page.goto('/operator/pools')
  const law = page.getByText(/= 6 of 6 GPUs/)
  await expect(law).toBeVisible()
  const home = page.getByRole('region', { name: 'Pool Default Pool' })
  const lab = page.getByRole('region', { name: `Pool ${name}` })
  await home.getByRole('button', { name: /T4, free/ }).first().dragTo(lab)
  await expect(lab.getByRole('button', { name: /T4, free/ })).toHaveCount(1)
  await expect.poll(() => totalOf(world, name)).toBe(1)
  await expect(law).toBeVisible()
  await page.setViewportSize({ width: 1280, height: 720 })
  await picture(page, 'operator-pools')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => totalOf(world, name)).toBe(0)
  await expect(lab.getByText('No GPU yet')).toBeVisible()
})

test('GPUs are moved by keyboard alone', async ({ as, world }) => {
  const name = await emptyPool(world)
  const page = await as('operator')
  await page.goto('/operator/pools')
  const home = page.getByRole('region', { name: 'Pool Default Pool' })
  await home.getByRole('button', { name: /T4, free/ }).first().focus()
  await page.keyboard.press('Space')
  await expect(page.getByText('1 GPU chosen')).toBeVisible()
  await page.getByRole('combobox', { name: 'Move to' }).or(page.getByRole('textbox', { name: 'Move to' })).first().focus()
  await page.keyboard.type(name)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await axe(page)
  await page.getByRole('button', { name: 'Move', exact: true }).press('Enter')
  await expect.poll(() => totalOf(world, name)).toBe(1)
  await world.operator.send('PATCH', `/pools/${name}`, { gpus: 0 })
})

test('a GPU of another model is refused in place, with the reason', async ({ as, world }) => {
  const name = world.unique('a100s')
  await world.operator.post('/pools', { name, model: 'A100', gpus: 1 })
  const page = await as('operator', { viewport: kTall })
  await page.goto('/operator/pools')
  const target = page.getByRole('region', { name: `Pool ${name}` })
  await page.getByRole('region', { name: 'Pool Default Pool' }).getByRole('button', { name: /T4, free/ }).first().dragTo(target)
  await expect(target.getByRole('alert')).toContainText('a pool has one model only')
  expect(await totalOf(world, name)).toBe(1)
  await world.operator.send('DELETE', `/pools/${name}`)
})

test('a GPU in use cannot move, and the job that has it is named', async ({ as, world }) => {
  const name = await emptyPool(world)
  const project = await world.project(world.stranger)
  const job = await world.run(project, 'trains', world.stranger)
  await world.reached(job, ['Running', 'Training'])
  const page = await as('operator', { viewport: kTall })
  await page.goto('/operator/pools')
  const target = page.getByRole('region', { name: `Pool ${name}` })
  // Again when the board was drawn anew, with another number of pools, in the middle of the movement.
  await expect(async () => {
    await page.getByRole('region', { name: 'Pool vision' }).getByRole('button', { name: /in use by/ }).first().dragTo(target)
    await expect(target.getByRole('alert')).toContainText('cannot move until it is released', { timeout: 2_000 })
  }).toPass()
  await world.operator.post(`/jobs/${job.id}/stop`)
  await world.reached(job)
})

test('a pool is made by number, renamed, emptied and deleted', async ({ as, world }) => {
  const name = world.unique('counted')
  const page = await as('operator')
  await page.goto('/operator/pools')
  await page.getByRole('button', { name: 'New pool' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await axe(page)
  await page.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('region', { name: `Pool ${name}` })).toBeVisible()
  await page.getByRole('button', { name: `Details of ${name}` }).click()
  const pane = page.getByRole('complementary')
  await pane.getByRole('textbox', { name: 'Name' }).fill(`${name} النص 日本`)
  await pane.getByRole('button', { name: 'Rename' }).click()
  await expect(page.getByRole('region', { name: `Pool ${name} النص 日本` })).toBeVisible()
  await expect(page).toHaveURL(/pool=/)
  await pane.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('textbox', { name: /Type/ }).fill(`${name} النص 日本`)
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(() => totalOf(world, `${name} النص 日本`)).toBeUndefined()
  await expect(pane).toHaveCount(0)
})

test('the pools of a phone fit, and what cannot be read is said in its place', async ({ as, watchdog }) => {
  const page = await as('operator', { viewport: kPhone, colorScheme: 'dark' })
  await page.goto('/operator/pools')
  await expect(page.getByRole('region', { name: 'Pool Default Pool' })).toBeVisible()
  await fits(page)
  await axe(page)
  watchdog.allow(/500/)
  const heal = await fails(page, '/devices')
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('The pools could not be read')
  await heal()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('region', { name: 'Pool Default Pool' })).toBeVisible()
})
