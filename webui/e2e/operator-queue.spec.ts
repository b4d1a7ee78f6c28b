import { axe, expect, fails, fits, kPhone, Person, test, type World } from './world'

// Each test has a pool of its own full, so that the others' queues are none of its business.
async function queueOf(world: World, jobs: number) {
  const name = world.unique('waiting')
  const operator = world.operator
  await operator.post('/pools', { name, model: 'T4', gpus: 0 })
  await operator.post('/groups', { name, pool: name })
  const person = world.unique('queuer')
  await world.onboard(person, name)
  const owner = await Person.signIn(world.server.url, person)
  // Held jobs wait whatever the pool has.
  const project = await world.project(owner)
  const made = []
  for (let i = 0; i < jobs; ++i) made.push(await world.run(project, 'quick', owner, { hold: 'for the test' }))
  return { pool: name, project, jobs: made, owner, person }
}

test('an operator puts a waiting job first by keyboard, and takes it back', async ({ as, world }) => {
  const { pool, jobs } = await queueOf(world, 3)
  const page = await as('operator')
  await page.goto(`/operator/queue?pool=${pool}`)
  const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /tiny-/ }) })
  await expect(rows).toHaveCount(3)
  const last = jobs[2]!.name
  await page.getByRole('button', { name: new RegExp(`Move .*${last.split('/')[1]}`) }).focus()
  await page.keyboard.press('Alt+Home')
  await expect(rows.first()).toContainText(last.split('/')[1]!)
  // The handle keeps the keyboard, so that the job can be moved on.
  await expect(page.getByRole('button', { name: new RegExp(`Move .*${last.split('/')[1]}, 1 of 3`) })).toBeFocused()
  await expect.poll(async () => (await world.operator.get<{ items: { job: string }[] }>(`/queue?pool=${pool}`)).items[0]?.job).toBe(jobs[2]!.id)
  await axe(page)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(rows.first()).toContainText(jobs[0]!.name.split('/')[1]!)
  await expect.poll(async () => (await world.operator.get<{ items: { job: string }[] }>(`/queue?pool=${pool}`)).items.map((each) => each.job)).toEqual(jobs.map((job) => job.id))
})

test('an operator drags a waiting job to another place', async ({ as, world, picture }) => {
  const { pool, jobs } = await queueOf(world, 4)
  const page = await as('operator')
  await page.goto(`/operator/queue?pool=${pool}`)
  const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /tiny-/ }) })
  await expect(rows).toHaveCount(4)
  await rows.nth(0).dragTo(rows.nth(2))
  await expect.poll(async () => (await world.operator.get<{ items: { job: string }[] }>(`/queue?pool=${pool}`)).items.map((each) => each.job)).toEqual([jobs[1]!.id, jobs[2]!.id, jobs[0]!.id, jobs[3]!.id])
  await expect(rows.nth(2)).toContainText(jobs[0]!.name.split('/')[1]!)
  await picture(page, 'operator-queue')
})

test('a move that the server refuses is said in place, and the queue is as it was', async ({ as, world, watchdog }) => {
  const { pool, jobs } = await queueOf(world, 2)
  const page = await as('operator')
  watchdog.allow(/500/)
  await page.goto(`/operator/queue?pool=${pool}`)
  const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /tiny-/ }) })
  await expect(rows).toHaveCount(2)
  const heal = await fails(page, '/jobs/*/reorder')
  await page.getByRole('button', { name: /Move .*, 2 of 2/ }).focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect(page.getByRole('alert').filter({ hasText: 'stays where it was: The disk is on fire.' })).toBeVisible()
  await expect(rows.first()).toContainText(jobs[0]!.name.split('/')[1]!)
  await heal()
})

test('a held job is released from its menu, and set to another priority', async ({ as, world }) => {
  const { pool, jobs } = await queueOf(world, 2)
  const page = await as('operator')
  await page.goto(`/operator/queue?pool=${pool}`)
  const second = page.getByRole('row').filter({ hasText: jobs[1]!.name.split('/')[1]! })
  await second.getByRole('button', { name: /Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Priority…' }).click()
  await page.getByRole('textbox', { name: 'Priority' }).fill('7')
  await page.getByRole('button', { name: 'Set priority' }).click()
  const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /tiny-/ }) })
  await expect(rows.first()).toContainText(jobs[1]!.name.split('/')[1]!)
  await second.getByRole('button', { name: /Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Release' }).click()
  await expect(second).toHaveCount(0)
  await world.reached(jobs[1]!, ['Complete'])
})

test('a queue in which nothing waits says what would stand there', async ({ as, world }) => {
  const { pool } = await queueOf(world, 0)
  const page = await as('operator')
  await page.goto(`/operator/queue?pool=${pool}`)
  await expect(page.getByTestId('empty')).toContainText('Nothing waits here')
  await axe(page)
})

test('a data scientist sees the queue of their pool and cannot reorder it', async ({ as, world }) => {
  const project = await world.project()
  const job = await world.run(project, 'quick', world.scientist, { hold: 'for the test' })
  const page = await as('scientist', { viewport: kPhone })
  await page.goto('/queue')
  await expect(page.getByRole('link', { name: job.name })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Move / })).toHaveCount(0)
  await fits(page)
  await axe(page)
})

test('a queue that cannot be read says so in its place and tries again', async ({ as, watchdog }) => {
  const page = await as('operator')
  watchdog.allow(/500/)
  const heal = await fails(page, '/queue?*')
  await page.goto('/operator/queue')
  await expect(page.getByRole('alert')).toContainText('The queue could not be read: The disk is on fire.')
  await heal()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('alert')).toHaveCount(0)
})
