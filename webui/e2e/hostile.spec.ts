import type { Locator, Page } from '@playwright/test'
import type { Schemas } from '../src/api/client'
import { expect, fits, kPhone, Person, test, type World } from './world'

const kImage = '<img src=x onerror="window.__pwned=1">'
const kScript = '<script>window.__pwned=1</script>'
const kRightToLeft = 'نموذج التدريب الأول'
const kChinese = '第一个训练模型'
const kLong = 'w'.repeat(255)
/** Turns what follows around; in a name it makes another name of it. */
const kTurning = '‮gnp.exe'

const kProperties = {
  html: kImage,
  [kScript]: 1,
  rtl: kRightToLeft,
  cjk: kChinese.repeat(20),
  turning: kTurning,
  ['__proto__']: 'x',
  constructor: 'y',
  long: kLong,
  ['n'.repeat(100)]: 0.5,
}

const kSummary = `# About ${kImage}

${kScript}

<a href="javascript:window.__pwned=1">raw link</a> <svg onload="window.__pwned=1"></svg>

[says hello](javascript:window.__pwned=1) and [hides it](JaVaScRiPt:window.__pwned=1) and [data](data:text/html,<script>window.__pwned=1</script>)

<javascript:window.__pwned=1> ![picture](javascript:window.__pwned=1)

${kRightToLeft} ${kChinese} ${kLong}

| ${kLong} | ${kChinese.repeat(30)} |
|---|---|
| ${kImage} | ${kScript} |

    ${kLong}${kLong}
`

const kOutput = `printf '\\033[31mred\\033[0m \\033]8;;javascript:window.__pwned=1\\007link\\033]8;;\\007 ${kScript} ${kImage.replace(/"/g, '\\"')}\\n'
head -c 5000 /dev/zero | tr '\\0' z; echo
echo '${kRightToLeft} ${kChinese}'
echo 'the last line'; sleep 1000`

/** Nothing that was given as a text has run, and it all has its place in windows of both sizes. */
async function isHarmless(page: Page, path: string, shown: (page: Page) => Locator): Promise<void> {
  for (const size of [{ width: 1280, height: 720 }, kPhone]) {
    await page.setViewportSize(size)
    await page.goto(path)
    await expect(shown(page), `${path} at ${size.width}`).toBeVisible()
    await fits(page)
    // What would have been made of an injected text; the page itself has none of these.
    expect(await page.locator('img[src="x"], svg[onload], a[href^="javascript" i], a[href^="data:" i], body script').count(), path).toBe(0)
    expect(await page.evaluate(() => (globalThis as { __pwned?: number }).__pwned), path).toBeUndefined()
  }
}

async function ranJob(world: World): Promise<{ project: Schemas['ProjectFull']; job: Schemas['Job'] }> {
  const project = await world.project(world.scientist, [{ name: 'odd', command: kOutput }])
  await world.scientist.send('PATCH', `/projects/${project.name}`, { summary: kSummary })
  const job = await world.run(project, 'odd', world.scientist, { tags: [kLong, kImage, kRightToLeft, kTurning] })
  await world.reached(job, ['Running'])
  await world.scientist.post(`/jobs/${job.id}/properties`, kProperties)
  return { project, job }
}

test('whatever a project, a job and its program say is shown as text, in its place', async ({ as, world }) => {
  const { project, job } = await ranJob(world)
  const page = await as('scientist')
  await isHarmless(page, `/projects/${project.name}`, (on) => on.getByRole('heading', { name: /About/ }))
  await expect(page.getByText('says hello')).toBeVisible()
  await isHarmless(page, '/projects', (on) => on.getByRole('grid'))
  await isHarmless(page, `/jobs/${job.id}`, (on) => on.getByRole('region', { name: 'Results' }).getByText(kImage, { exact: true }))
  await expect(page.getByRole('region', { name: 'Results' })).toContainText(kRightToLeft)
  await expect(page.getByRole('region', { name: 'About' })).toContainText(kLong)
  await isHarmless(page, `/jobs/${job.id}/logs?replica=worker-0`, (on) => on.getByRole('log').getByText('the last line'))
  await expect(page.getByRole('log').locator('[data-line="1"]')).toContainText(kScript)
  await isHarmless(page, `/jobs/${job.id}/logs?replica=worker-0&wrap=true`, (on) => on.getByRole('log').locator('[data-line="3"]'))
  for (const tab of ['events', 'spec', 'inputs']) await isHarmless(page, `/jobs/${job.id}/${tab}`, (on) => on.getByRole('heading', { level: 1 }))
  await isHarmless(page, '/jobs?hide=[]', (on) => on.getByRole('row', { name: new RegExp(`${project.name}/odd`) }))
  const clone = await world.scientist.post<Schemas['Job']>(`/jobs/${job.id}/clone`, {})
  await isHarmless(page, `/jobs/compare?jobs=${encodeURIComponent(JSON.stringify([job.id, clone.id]))}`, (on) => on.getByText(kImage).first())
  await isHarmless(page, '/', (on) => on.getByRole('region', { name: 'Projects' }))
  await isHarmless(page, `/projects/${project.name}/history`, (on) => on.getByRole('heading', { level: 1 }))
})

test('names of people, groups, pools and tokens may be anything and stay names', async ({ as, world }) => {
  const names = [kImage.replace(/[/:]/g, ''), `${kRightToLeft} ${kTurning}`, kChinese.repeat(36), kLong]
  for (const name of names) {
    await world.operator.post('/pools', { name, model: 'A100', gpus: 0 })
    await world.operator.post('/groups', { name, pool: name })
    await world.onboard(name, name)
  }
  const page = await as('operator')
  for (const path of ['/operator', '/operator/pools', '/operator/groups', '/operator/users', '/operator/audit']) {
    await isHarmless(page, path, (on) => on.getByText(names[0] ?? '').first())
  }
})

test('what somebody with a name of HTML sees is their name', async ({ browser, world, watchdog }) => {
  const name = `${world.unique('eve')} <b onmouseover=alert(1)>${kRightToLeft}${'x'.repeat(150)}`
  await world.operator.post('/pools', { name, model: 'A100', gpus: 0 })
  await world.operator.post('/groups', { name, pool: name })
  await world.onboard(name, name)
  const person = await Person.signIn(world.server.url, name)
  const project = await world.project(person)
  const job = await world.reached(await world.run(project, 'quick', person))
  await person.post('/tokens', { name: kImage.replace(/[/:]/g, '') })
  const context = await browser.newContext({ baseURL: world.url })
  watchdog.watch(context)
  await context.addCookies([{ name: 'pintle_session', value: person.cookie, url: world.url, httpOnly: true, sameSite: 'Lax' }])
  const page = await context.newPage()
  for (const path of ['/', '/jobs', `/jobs/${job.id}`, '/queue', '/account', `/projects/${project.name}`]) {
    await isHarmless(page, path, (on) => on.getByTestId('user-menu'))
  }
  await context.close()
})

test('a data scientist without any project is taught on every page', async ({ browser, world, watchdog }) => {
  const name = world.unique('new')
  // Of a group that has no projects either.
  await world.operator.post('/pools', { name, model: 'A100', gpus: 0 })
  await world.operator.post('/groups', { name, pool: name })
  await world.onboard(name, name)
  const person = await Person.signIn(world.server.url, name)
  const context = await browser.newContext({ baseURL: world.url })
  watchdog.watch(context)
  await context.addCookies([{ name: 'pintle_session', value: person.cookie, url: world.url, httpOnly: true, sameSite: 'Lax' }])
  const page = await context.newPage()
  const lessons = { '/': 'Your first project', '/jobs': 'No jobs yet', '/projects': 'No projects yet', '/queue': 'Nothing waits' }
  for (const [path, lesson] of Object.entries(lessons)) {
    await isHarmless(page, path, (on) => on.getByTestId('empty').getByRole('heading', { name: lesson }))
    await expect(page.getByTestId('empty').getByRole('link').or(page.getByTestId('empty').getByRole('button')).first(), `what to do on ${path}`).toBeVisible()
  }
  await context.close()
})
