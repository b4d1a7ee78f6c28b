import { axe, expect, fails, fits, kPhone, test } from './world'

interface Tooled {
  unique: (word: string) => string
  scientist: { post: (path: string, body: unknown) => Promise<unknown> }
}

const kServe = 'echo "listening on $PORT"; exec python3 -m http.server --bind $PINTLE_ADDRESS $PORT'

async function withTools(world: Tooled): Promise<string> {
  const name = world.unique('tooled')
  await world.scientist.post('/projects', {
    name,
    tasks: [{ name: 'sleeps', resources: [{ name: 'worker', command: 'sleep 1000', replicas: 2 }] }],
    components: [
      { name: 'board', display_name: 'Results <b>数</b>', command: kServe, port: 8090 },
      { name: 'breaks', command: 'echo no such shard >&2; exit 3' },
    ],
  })
  return name
}

test('a component is enabled, shows what it writes, is restarted and disabled', async ({ as, world, picture }) => {
  const name = await withTools(world)
  const page = await as('scientist')
  await page.goto(`/projects/${name}`)
  await page.getByRole('link', { name: 'Results <b>数</b>' }).click()
  await expect(page.getByTestId('empty')).toContainText('is not running')
  await axe(page)
  await page.getByRole('button', { name: /Enable/ }).click()
  await expect(page.getByRole('log')).toContainText('listening on 8090')
  const parts = page.getByRole('navigation', { name: 'Parts of this page' })
  await expect(parts.getByRole('link', { name: /Status/ })).toContainText('1 component running')
  await axe(page)
  await fits(page)
  await picture(page, 'component')
  await page.getByRole('button', { name: 'Restart…' }).click()
  await expect(page.getByRole('dialog')).toContainText('Its files stay')
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByRole('log')).toContainText('listening on 8090')
  await page.getByRole('button', { name: 'Disable…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByTestId('reason')).toContainText('Disabled by ana')
  await expect(page.getByText('What it last wrote')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: 'Disable…' })).toBeVisible()
  await page.setViewportSize(kPhone)
  await fits(page)
})

test('a component with GPUs waits, and says for what', async ({ as, world }) => {
  const name = world.unique('greedy')
  await world.scientist.post('/projects', { name, components: [{ name: 'board', command: 'sleep 1000', gpus: 1000 }] })
  const page = await as('scientist')
  await page.goto(`/projects/${name}/components/board`)
  await page.getByRole('button', { name: /Enable/ }).click()
  await expect(page.getByRole('alert')).toContainText('can never run here')
  await page.getByLabel(/GPU/).uncheck()
  await page.getByRole('button', { name: /Enable/ }).click()
  await expect(page.getByText('no GPU · no port')).toBeVisible()
})

test('the status shows what runs with its processes, and the events of what is in trouble', async ({ as, world, picture }) => {
  const name = await withTools(world)
  const page = await as('scientist')
  await page.goto(`/projects/${name}/status`)
  await expect(page.getByTestId('empty')).toContainText('Nothing runs')
  await axe(page)
  await world.scientist.post(`/projects/${name}/components/board/enable`, {})
  await world.scientist.post(`/projects/${name}/components/breaks/enable`, {})
  await world.scientist.post(`/projects/${name}/tasks/sleeps/jobs`, {})
  const table = page.getByRole('table', { name: 'What runs' })
  await expect(table.getByRole('row', { name: /board/ })).toContainText('Running')
  await expect(table.getByRole('row', { name: /sleeps:1/ })).toContainText('Running')
  await page.getByRole('button', { name: 'Processes of sleeps:1' }).click()
  await expect(table).toContainText('worker-1')
  // It ends again and again; sooner or later one sees why.
  await expect(page.getByRole('table', { name: 'Events of breaks' })).toContainText('breaks ended by itself')
  await axe(page)
  await fits(page)
  await picture(page, 'status')
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.setViewportSize(kPhone)
  await fits(page)
})

test('a status and a component that cannot be read say so, and only there', async ({ as, world, watchdog }) => {
  watchdog.allow(/500/)
  const name = await withTools(world)
  const page = await as('scientist')
  await fails(page, `/projects/${name}/status`)
  await page.goto(`/projects/${name}/status`)
  await expect(page.getByRole('alert')).toContainText('The status could not be read')
  await fails(page, `/projects/${name}/components`)
  await page.goto(`/projects/${name}/components/board`)
  await expect(page.getByRole('alert')).toContainText('The component could not be read')
  await expect(page.getByRole('link', { name: 'Summary' })).toBeVisible()
})

test('those who only see a project see its components and cannot change them', async ({ as, world }) => {
  const name = await withTools(world)
  const page = await as('stranger')
  await page.goto(`/projects/${name}/components/board`)
  await expect(page.getByRole('alert')).toBeVisible()
})
