import type { Page } from '@playwright/test'
import type { Schemas } from '../src/api/client'
import { inTheme } from './theme'
import { axe, expect, fails, fits, kPhone, test, until, type World } from './world'

// Reports a loss that falls with its steps, while it keeps a processor busy.
const kTraining = `
import math, os, time, pintle
build = int(os.environ['BUILD_ID'])
began = time.monotonic()
for step in range(1, 41):
    while time.monotonic() < began + step * 0.1:
        sum(i * i for i in range(2000))
    pintle.log(loss=math.exp(-step / (9 + 4 * build)) + 0.02 * math.sin(step * 7), accuracy=1 - math.exp(-step / (7 + 3 * build)), step=step)
`
const kTrain = { name: 'train', command: `cat > train.py <<'END'\n${kTraining}\nEND\npython3 train.py` }

/** A job that has reported its values and been measured each second. */
async function trained(world: World, project: { name: string }): Promise<Schemas['Job']> {
  const job = await world.run(project, 'train')
  return world.reached(job)
}

async function trainable(world: World): Promise<Schemas['ProjectFull']> {
  const resources = [{ name: 'worker', command: kTrain.command }]
  const document = { name: world.unique('curves'), tasks: [{ name: 'train', sample_interval: '1s', resources }, { name: 'quick', resources: [{ name: 'worker', command: 'true' }] }] }
  return (await world.scientist.post<Schemas['ProjectSaved']>('/projects', document)).project
}

const chart = (page: Page, title: string) => page.getByRole('figure', { name: title, exact: true })

test('what jobs use and report is drawn, several jobs in one chart, and the address says all of it', async ({ as, world, picture }) => {
  test.setTimeout(120_000)
  const project = await trainable(world)
  const [first, second] = await Promise.all([trained(world, project), trained(world, project)])
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}`)
  await page.getByRole('link', { name: 'Metrics', exact: true }).click()

  // The newest job is shown by itself.
  const tasks = page.getByRole('list', { name: 'Tasks' })
  await expect(tasks.getByRole('checkbox')).toHaveCount(2)
  await expect(tasks.getByRole('checkbox').first()).toBeChecked()
  await expect(tasks.getByRole('listitem').first()).toContainText('train:2')
  for (const title of ['loss', 'accuracy', 'CPU usage', 'Memory']) await expect(chart(page, title)).toBeVisible()
  await expect(page.getByText('No GPU was used')).toBeVisible()
  await expect(chart(page, 'GPU usage')).toHaveCount(0)

  await page.getByRole('checkbox', { name: 'train:1' }).check()
  await expect(page.getByRole('list', { name: 'Curves of loss' }).getByRole('listitem')).toHaveCount(2)
  expect(new URL(page.url()).searchParams.get('jobs')).toContain(first.id)
  expect(new URL(page.url()).searchParams.get('jobs')).toContain(second.id)

  // One pointer for all charts over the same axis.
  const box = (await chart(page, 'loss').locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + 60)
  for (const title of ['loss', 'accuracy']) await expect(chart(page, title).locator('figcaption')).toContainText(/step (19|20|21|22)/)
  await expect(page.getByRole('list', { name: 'Curves of accuracy' })).toContainText(/0\.8/)
  await picture(page, 'metrics')

  // By keyboard, and as words.
  await chart(page, 'loss').getByRole('group', { name: /arrow keys/ }).focus()
  await page.keyboard.press('Home')
  await expect(chart(page, 'loss').getByRole('status')).toContainText('step 1: train:')
  await page.keyboard.press('ArrowRight')
  await expect(chart(page, 'loss').getByRole('status')).toContainText('step 2: train:')
  await chart(page, 'loss').getByText('As a table').click()
  await expect(chart(page, 'loss').getByRole('row')).toHaveCount(3)

  await page.getByText('Seconds', { exact: true }).click()
  await page.getByRole('slider', { name: 'Smoothing' }).focus()
  for (let i = 0; i < 5; ++i) await page.keyboard.press('ArrowRight')
  await page.getByLabel('Interval').selectOption('1m')
  await page.getByRole('checkbox', { name: 'Network sent' }).uncheck()
  await page.getByRole('checkbox', { name: 'Details' }).check()
  await expect.poll(() => page.url()).toMatch(/details=true/)
  await page.reload()
  await expect(page.getByRole('slider', { name: 'Smoothing' })).toHaveAttribute('aria-valuenow', '0.05')
  await expect(page.getByLabel('Interval')).toHaveValue('1m')
  await expect(page.getByRole('checkbox', { name: 'Details' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'Network sent' })).not.toBeChecked()
  await expect(chart(page, 'CPU usage')).toBeVisible()
  await expect(chart(page, 'Network sent')).toHaveCount(0)
  await axe(page)
  await inTheme(page, 'dark')
  await axe(page)
})

test('the curves of a running job grow by themselves, on its own page too', async ({ as, world }) => {
  test.setTimeout(90_000)
  const project = await trainable(world)
  const job = await world.run(project, 'train')
  await world.reached(job, ['Running'])
  const page = await as('scientist', { viewport: kPhone })
  await page.goto(`/jobs/${job.id}/metrics`)
  await expect(chart(page, 'loss')).toBeVisible({ timeout: 30_000 })
  const accuracy = page.getByRole('list', { name: 'Curves of accuracy' })
  await expect(accuracy).toContainText('0.9817', { timeout: 30_000 })
  await fits(page)
  await axe(page)
})

test('components are shown over the last while, and not together with jobs', async ({ as, world }) => {
  const project = await trainable(world)
  await world.reached(await world.run(project, 'quick'))
  const page = await as('scientist')
  // As a project with a component and one whose measuring had a gap.
  const start = Date.UTC(2026, 0, 5, 9)
  const xs = [0, 10, 20, 30, 600, 610, 620]
  const values = xs.map((x) => x / 10)
  await page.route(`**/api/v1/projects/${project.name}/metrics?**`, async (route) => {
    const answer = await route.fetch()
    const body = (await answer.json()) as Schemas['Measured']
    await route.fulfill({ json: { ...body, components: [{ name: 'jupyter', display_name: 'Jupyter', kind: 'jupyter', state: 'Running' }] } satisfies Schemas['Measured'] })
  })
  let asked = ''
  await page.route('**/components/jupyter/metrics?**', (route) => {
    asked = new URL(route.request().url()).searchParams.get('period') ?? ''
    const curve = { label: 'jupyter', replica: null, device: null, x: xs, min: values, mean: values, max: values, count: xs.map(() => 1), step: null }
    const metric = { name: 'cpu_percent', title: 'CPU usage', unit: '%', reported: false, joined_by: 'sum', width_ms: 10_000, curves: [curve] }
    const at = new Date(start).toISOString()
    return route.fulfill({ json: { name: 'jupyter', type: 'component', job: null, start: at, end: null, from: at, to: new Date(start + 620_000).toISOString(), width_ms: 10_000, note: null, names: ['cpu_percent'], has_more: false, metrics: [metric] } satisfies Schemas['Metrics'] })
  })
  await page.goto(`/projects/${project.name}/metrics`)
  await expect(page.getByLabel('Interval')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Jupyter' }).check()
  await expect(page.getByLabel('Interval')).toHaveCount(0)
  await expect(page.getByRole('checkbox', { name: 'quick:1' })).not.toBeChecked()
  await page.getByLabel('For the last').selectOption('1d')
  await expect.poll(() => asked).toBe('1d')
  await expect(chart(page, 'CPU usage')).toBeVisible()

  // In the gap there is nothing to read.
  const box = (await chart(page, 'CPU usage').locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + 60)
  await expect(page.getByRole('list', { name: 'Curves of CPU usage' })).toContainText('–')
  await page.mouse.move(box.x + box.width - 2, box.y + 60)
  await expect(page.getByRole('list', { name: 'Curves of CPU usage' })).toContainText('62 %')
})

test('a project where nothing ran says how values are reported, and an error stays in its place', async ({ as, world, watchdog }) => {
  const project = await trainable(world)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/metrics`)
  await expect(page.getByTestId('empty')).toContainText('Nothing has run yet')
  await expect(page.getByTestId('empty')).toContainText('pintle.log(loss=0.3)')
  await axe(page)

  await world.reached(await world.run(project, 'quick'))
  watchdog.allow(/500/)
  const mend = await fails(page, /\/api\/v1\/jobs\/[^/]+\/metrics/)
  await page.goto(`/projects/${project.name}/metrics`)
  await expect(page.getByRole('alert')).toContainText('The metrics of quick:1 could not be read: The disk is on fire.')
  await expect(page.getByRole('checkbox', { name: 'quick:1' })).toBeChecked()
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('alert')).toHaveCount(0)

  // What no person would write falls back to what is usual.
  await page.goto(`/projects/${project.name}/metrics?interval=2w&smooth=7&hide=x&components=%7B%7D&details=maybe`)
  await expect(page.getByLabel('Interval')).toHaveValue('')
  await expect(page.getByRole('checkbox', { name: 'Details' })).not.toBeChecked()
})

test("an operator sees what machines use, and an error of it stays in its panel", async ({ as, watchdog }) => {
  const page = await as('operator')
  await page.goto('/operator')
  const panel = page.getByRole('region', { name: 'Use in the last hour' })
  // Machines are measured every ten seconds.
  await expect(panel.getByRole('row').nth(1)).toContainText(/of \d+(\.\d+)? cores/, { timeout: 40_000 })
  await expect(panel.getByRole('row').nth(1)).toContainText(/of [\d.]+ GB/)
  await axe(page)
  watchdog.allow(/500/)
  await fails(page, '/usage?**')
  await page.reload()
  await expect(panel.getByRole('alert')).toContainText('What machines use could not be read: The disk is on fire.')
  await expect(page.getByRole('region', { name: 'Queue' })).toBeVisible()
})

test('twenty charts of ten thousand points follow the pointer', async ({ as, world }) => {
  test.setTimeout(120_000)
  const project = await trainable(world)
  const job = await world.run(project, 'quick')
  await world.reached(job)
  const count = 10_000
  const xs = Array.from({ length: count }, (_, index) => index * 10)
  const wave = (chart: number, index: number) => 50 + 40 * Math.sin(index / (200 + 10 * chart)) + ((index * 7919) % 13)
  const metrics = Array.from({ length: 20 }, (_, chart) => {
    const mean = xs.map((_x, index) => wave(chart, index))
    const curve = { label: 'worker-0', replica: 'worker-0', device: null, x: xs, min: mean.map((value) => value - 5), mean, max: mean.map((value) => value + 5), count: xs.map(() => 3), step: null }
    return { name: `value_${chart}`, title: `value_${chart}`, unit: null, reported: true, joined_by: null, width_ms: 10_000, curves: [curve] }
  })
  const at = '2026-01-05T09:00:00Z'
  const answer: Schemas['Metrics'] = { name: 'quick:1', type: 'task', job: job.id, start: at, end: at, from: at, to: at, width_ms: 10_000, note: null, names: metrics.map(({ name }) => name), has_more: false, metrics }
  const page = await as('scientist', { viewport: { width: 1920, height: 2400 } })
  await page.route(/\/api\/v1\/jobs\/[^/]+\/metrics/, (route) => route.fulfill({ json: answer }))
  await page.goto(`/jobs/${job.id}/metrics`)
  await expect(page.locator('.u-over')).toHaveCount(20)
  await page.evaluate(() => {
    const seen = { longest: 0, frames: 0, drawing: 0 }
    Object.assign(globalThis, { seen })
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (seen.drawing = Math.max(seen.drawing, entry.duration)))).observe({ type: 'longtask', buffered: true })
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (seen.longest = Math.max(seen.longest, entry.duration)))).observe({ type: 'longtask' })
    const frame = () => {
      seen.frames += 1
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  // What is measured is the pointer, not the first drawing.
  await page.evaluate(() => new Promise((later) => setTimeout(later, 1000)))
  await page.evaluate(() => ((globalThis as unknown as { seen: { longest: number } }).seen.longest = 0))
  const box = (await page.locator('.u-over').first().boundingBox())!
  const began = Date.now()
  for (let i = 0; i < 150; ++i) await page.mouse.move(box.x + ((i * 7) % box.width), box.y + 50)
  const took = Date.now() - began
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: { longest: number; frames: number; drawing: number } }).seen)
  const said = `longest task ${seen.longest} ms at the pointer and ${seen.drawing} ms altogether, ${seen.frames} pictures in ${took} ms`
  test.info().annotations.push({ type: 'smoothness', description: said })
  if (process.env.SHOW_SMOOTHNESS === '1') process.stdout.write(`${said}\n`)
  await expect(page.locator('figcaption').last()).toContainText(/ h|min| s/)
  await until('the last chart follows', async () => /\d/.test((await page.locator('figcaption').last().textContent()) ?? ''))
})
