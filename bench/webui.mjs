// Measures the web interface of a running server with a browser, as somebody sees it: from a click or a key to the frame
// that shows what was asked for. Started by webui.py; by hand:
//
//   node bench/webui.mjs '{"url": "http://127.0.0.1:8080", "user": "operator", "password": "…", "log": {"job": "01…",
//     "replica": "main-0", "lines": 1000000}, "filters": ["project-1/fails"], "storm": "/projects/p/tasks/t/jobs"}'
//
// "only": ["storm"] leaves out the rest; "chromium", "runs", "scroll_rows" and "storm_seconds" have defaults. Two parts are
// only measured where they are asked for: "many": {"names": ["study-09999"], "rows": 9000} looks for projects among very
// many, and "live": {"seconds": 3600, "submit": "/projects/p/tasks/t/jobs", "talk": "/projects/p/tasks/talks/jobs"} keeps
// pages open while jobs come and one writes its log.
// What it does goes to the standard error, the figures as JSON to the standard output.
import { fileURLToPath } from 'node:url'

const { chromium } = await import(fileURLToPath(new URL('../webui/node_modules/playwright-core/index.mjs', import.meta.url)))

const given = { runs: 5, scroll_rows: 20_000, storm_seconds: 60, filters: [], chromium: process.env.CHROMIUM ?? '/usr/bin/chromium', ...JSON.parse(process.argv[2] ?? '{}') }
const kPatienceMs = 120_000
const kApi = `${given.url}/api/v1`
const kWindow = { width: 1280, height: 720 }

const say = (text) => process.stderr.write(`${text}\n`)

function spread(values) {
  const ordered = [...values].sort((a, b) => a - b)
  const middle = ordered.length >> 1
  const median = ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
  return { median, min: ordered[0], max: ordered.at(-1), runs: ordered.length }
}

/** The nearest-rank percentile. */
function percentile(values, percent) {
  const ordered = [...values].sort((a, b) => a - b)
  return ordered[Math.max(1, Math.ceil((ordered.length * percent) / 100)) - 1]
}

/** Runs in the page, before its own programs. */
function instruments() {
  const texts = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent ?? '')
  const rows = (label) => texts(`[role=grid][aria-label="${label}"] [role=row]:not(:has([role=columnheader]))`)
  const line = (number) => document.querySelector(`[role=log] [data-line="${number}"]`)
  // A line that is not read yet has its number alone.
  const hasLine = (number) => (line(number)?.textContent ?? '').length > String(number).length
  const isThere = {
    home: () => location.pathname === '/' && document.querySelector('h1')?.textContent === 'Home' && texts('main section li').length > 0,
    jobs: () => location.pathname === '/jobs' && rows('Jobs').length > 0,
    projects: () => location.pathname === '/projects' && rows('Projects').length > 0,
    project: (name) => rows('Projects').length > 0 && rows('Projects').every((row) => row.includes(name)),
    allProjects: () => !location.search.includes('text=') && rows('Projects').length > 20,
    projectsByChange: () => location.search.includes('order=changed') && rows('Projects').length > 0,
    offered: (name) => texts('[role=dialog] button').some((text) => text.includes(name)),
    homeProjects: () => location.pathname === '/' && texts('main section li').length > 0 && texts('main section h2').includes('Projects'),
    job: () => /^\/jobs\/\w{26}$/.test(location.pathname) && texts('section[aria-label=Timeline] li').length > 0,
    logs: () => location.pathname.endsWith('/logs') && document.querySelector('[role=log] [data-line]') !== null,
    filtered: (text) => rows('Jobs').length > 0 && rows('Jobs').every((row) => row.includes(text)),
    unfiltered: () => !location.search.includes('text=') && rows('Jobs').length > 0,
    sorted: (header) => rows('Jobs').length > 0 && [...document.querySelectorAll('[role=columnheader]')].some((each) => each.textContent.includes(header) && !['none', null].includes(each.getAttribute('aria-sort'))),
    line: hasLine,
  }
  /** The first frame after the one that shows it, in milliseconds since the page began. */
  const painted = (what, value) =>
    new Promise((resolve) => {
      const look = () => (isThere[what](value) ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look))
      requestAnimationFrame(look)
    })
  window.bench = {
    painted,
    /** From the next event of a kind to the frame that shows something. */
    after: (event, what, value) => {
      window.bench.result = new Promise((resolve) => {
        const begin = (happened) => {
          if (event === 'keydown' && value?.last && happened.key !== value.last) return
          removeEventListener(event, begin, true)
          painted(what, value?.shown ?? value).then((at) => resolve(at - happened.timeStamp))
        }
        addEventListener(event, begin, true)
      })
    },
    frames: () => {
      const times = []
      let on = true
      const next = (at) => {
        times.push(at)
        if (on) requestAnimationFrame(next)
      }
      requestAnimationFrame(next)
      return () => {
        on = false
        return times.slice(1).map((at, index) => at - times[index])
      }
    },
    longTasks: [],
    /** It is told some time after the frame was shown, which may be after whatever else was waited for. */
    firstPaint: () =>
      new Promise((resolve) =>
        new PerformanceObserver((list, observer) => {
          const entry = list.getEntriesByName('first-contentful-paint')[0]
          if (!entry) return
          observer.disconnect()
          resolve(entry.startTime)
        }).observe({ type: 'paint', buffered: true }),
      ),
  }
  new PerformanceObserver((list) => window.bench.longTasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask' })
}

class Visitor {
  static async signIn() {
    const answer = await fetch(`${kApi}/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: given.url },
      body: JSON.stringify({ user: given.user, password: given.password }),
    })
    if (!answer.ok) throw new Error(`signing in: ${answer.status} ${await answer.text()}`)
    const visitor = new Visitor()
    visitor.cookie = /pintle_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1]
    visitor.csrf = (await answer.json()).csrf
    visitor.browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
    return visitor
  }

  async call(method, path, body) {
    const answer = await fetch(`${kApi}${path}`, {
      method,
      headers: { Cookie: `pintle_session=${this.cookie}`, Origin: given.url, 'X-CSRF-Token': this.csrf, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  /** A page that has loaded nothing before. */
  async page() {
    const context = await this.browser.newContext({ baseURL: given.url, viewport: kWindow, locale: 'en-GB', timezoneId: 'UTC' })
    await context.addCookies([{ name: 'pintle_session', value: this.cookie, url: given.url, httpOnly: true, sameSite: 'Lax' }])
    await context.addInitScript(instruments)
    const page = await context.newPage()
    page.setDefaultTimeout(kPatienceMs)
    page.setDefaultNavigationTimeout(kPatienceMs)
    page.on('pageerror', (error) => say(`  in the page: ${error.message}`))
    return page
  }
}

/** What a page costs whoever never was here: each time in a browser without a cache. */
async function load(visitor, path, what, value) {
  const painted = []
  const first = []
  let bytes = null
  for (let run = 0; run < given.runs; run++) {
    const page = await visitor.page()
    const network = await page.context().newCDPSession(page)
    await network.send('Network.enable')
    const kinds = new Map()
    const sizes = {}
    network.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type))
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const kind = kinds.get(requestId) ?? 'Other'
      sizes[kind] = (sizes[kind] ?? 0) + encodedDataLength
    })
    await page.goto(path, { waitUntil: 'commit' })
    painted.push(await page.evaluate(([thing, of]) => window.bench.painted(thing, of), [what, value]))
    first.push(await page.evaluate(() => window.bench.firstPaint()))
    // What is read in advance while the page is idle counts as well.
    await page.waitForTimeout(500)
    bytes = { ...sizes, all: Object.values(sizes).reduce((sum, each) => sum + each, 0) }
    await page.context().close()
  }
  return { first_contentful_paint: spread(first), painted: spread(painted), bytes }
}

async function timed(page, event, act, what, value) {
  await page.evaluate(([kind, thing, of]) => window.bench.after(kind, thing, of), [event, what, value])
  await act()
  return page.evaluate(() => window.bench.result)
}

async function navigation(visitor) {
  const page = await visitor.page()
  await page.goto('/')
  await page.evaluate(() => window.bench.painted('home'))
  const menu = (name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click()
  const taken = {}
  const go = async (name, act, what) => {
    const ms = await timed(page, 'click', act, what)
    ;(taken[name] ??= []).push(ms)
  }
  // The first round loads the parts of the program that each page needs, which others have then.
  for (let round = 0; round <= given.runs; round++) {
    await go('home to jobs', () => menu('Jobs'), 'jobs')
    await go('jobs to a job', () => page.getByRole('grid', { name: 'Jobs' }).getByRole('row').nth(round + 1).getByRole('link').click(), 'job')
    await page.goBack()
    await page.evaluate(() => window.bench.painted('jobs'))
    await page.getByRole('grid', { name: 'Jobs' }).getByRole('link', { name: given.log.name }).click()
    await page.evaluate(() => window.bench.painted('job'))
    await go('a job to its logs', () => page.getByRole('link', { name: 'Logs', exact: true }).click(), 'logs')
    await go('logs to projects', () => menu('Projects'), 'projects')
    await go('projects to home', () => menu('Home'), 'home')
  }
  await page.context().close()
  return Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, { ...spread(all.slice(1)), first: all[0] }]))
}

async function scroll(visitor) {
  const page = await visitor.page()
  await page.goto('/jobs')
  await page.evaluate(() => window.bench.painted('jobs'))
  const grid = page.getByRole('grid', { name: 'Jobs' })
  await grid.hover()
  const stop = await page.evaluateHandle(() => window.bench.frames())
  const began = performance.now()
  const place = () => grid.evaluate((element) => ({ row: element.scrollTop / 30, rows: element.getAttribute('aria-rowcount') - 1 }))
  let at = await place()
  let waits = 0
  while (at.row < given.scroll_rows && performance.now() - began < kPatienceMs) {
    await page.mouse.wheel(0, 1500)
    const now = await place()
    if (now.row === at.row) waits++
    at = now
  }
  const frames = await stop.evaluate((finish) => finish())
  const seconds = (performance.now() - began) / 1000
  await page.context().close()
  return { rows: Math.round(at.row), seconds, wheels_without_effect: waits, frames: frames.length, median: percentile(frames, 50), p95: percentile(frames, 95), max: Math.max(...frames) }
}

async function filterAndSort(visitor) {
  const page = await visitor.page()
  await page.goto('/jobs')
  await page.evaluate(() => window.bench.painted('jobs'))
  const input = page.getByRole('searchbox', { name: /Filter jobs/ })
  const filtered = []
  for (const text of given.filters.slice(0, given.runs)) {
    await input.focus()
    filtered.push(await timed(page, 'keydown', () => page.keyboard.type(text), 'filtered', { last: text.at(-1), shown: text }))
    await input.fill('')
    await page.evaluate(() => window.bench.painted('unfiltered'))
  }
  const sorted = []
  for (const header of ['Owner', 'State', 'Job', 'Duration', 'Submitted'].slice(0, given.runs)) {
    await page.goto('/jobs?order=ended')
    await page.evaluate(() => window.bench.painted('jobs'))
    sorted.push(await timed(page, 'click', () => page.getByRole('columnheader', { name: header }).getByRole('button').click(), 'sorted', header))
  }
  await page.context().close()
  return { filter: spread(filtered), sort: spread(sorted) }
}

async function longLog(visitor) {
  const { job, replica, lines } = given.log
  const path = `/jobs/${job}/logs?replica=${replica}`
  const opened = await load(visitor, path, 'line', lines)
  const page = await visitor.page()
  await page.goto(path)
  await page.evaluate((last) => window.bench.painted('line', last), lines)
  const jumps = []
  for (const share of [0.5, 0.25, 0.75, 0.1, 0.9].slice(0, given.runs)) {
    const line = Math.floor(lines * share)
    await page.getByLabel('Go to line').fill(String(line))
    jumps.push(await timed(page, 'keydown', () => page.keyboard.press('Enter'), 'line', line))
  }
  await page.context().close()
  return { lines, opened: opened.painted, jump: spread(jumps) }
}

/** Looking for one of very many projects, in the list and by the search over everything. */
async function manyProjects(visitor) {
  const { names, rows } = given.many
  const opened = await load(visitor, '/projects', 'projects')
  const home = await load(visitor, '/', 'homeProjects')
  const page = await visitor.page()
  await page.goto('/projects')
  await page.evaluate(() => window.bench.painted('projects'))
  const input = page.getByRole('textbox', { name: 'Filter by name or summary' })
  const filtered = []
  const searched = []
  for (const name of names) {
    await input.focus()
    filtered.push(await timed(page, 'keydown', () => page.keyboard.type(name), 'project', { last: name.at(-1), shown: name }))
    await input.fill('')
    await page.evaluate(() => window.bench.painted('allProjects'))
  }
  await page.getByRole('heading', { name: 'Projects', exact: true }).click()
  for (const name of names) {
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search and commands' }).waitFor()
    searched.push(await timed(page, 'keydown', () => page.keyboard.type(name), 'offered', { last: name.at(-1), shown: name }))
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: 'Search and commands' }).waitFor({ state: 'hidden' })
  }
  const sorted = await timed(page, 'click', () => page.getByRole('columnheader', { name: 'Changed' }).getByRole('button').click(), 'projectsByChange')
  const grid = page.getByRole('grid', { name: 'Projects' })
  await grid.hover()
  const stop = await page.evaluateHandle(() => window.bench.frames())
  const began = performance.now()
  const place = () => grid.evaluate((element) => element.scrollTop / 30)
  while ((await place()) < rows && performance.now() - began < kPatienceMs) await page.mouse.wheel(0, 1500)
  const frames = await stop.evaluate((finish) => finish())
  const seconds = (performance.now() - began) / 1000
  const reached = Math.round(await place())
  let requests = 0
  page.on('request', () => requests++)
  for (let i = 0; i < 10; i++) {
    await visitor.call('PATCH', `/projects/${names[0]}`, { summary: `Changed ${i}.` })
    await page.waitForTimeout(500)
  }
  await page.context().close()
  return { opened, home, filtered: spread(filtered), searched: spread(searched), sorted, requests_after_changes: requests, scroll: { rows: reached, seconds, median: percentile(frames, 50), p95: percentile(frames, 95), max: Math.max(...frames) } }
}

async function heapOf(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name) => metrics.find((each) => each.name === name)?.value ?? 0
  const found = { heap_mb: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes'), listeners: value('JSEventListeners') }
  await session.detach()
  return found
}

/** Real jobs come and end while somebody looks at the list of jobs. */
async function storm(visitor) {
  const page = await visitor.page()
  await page.goto('/jobs')
  await page.evaluate(() => window.bench.painted('jobs'))
  await page.waitForTimeout(1000)
  const before = await heapOf(page)
  const stop = await page.evaluateHandle(() => {
    window.bench.longTasks.length = 0
    return window.bench.frames()
  })
  let requests = 0
  page.on('request', () => requests++)
  const began = performance.now()
  let submitted = 0
  const submit = async () => {
    while (performance.now() - began < given.storm_seconds * 1000) {
      await visitor.call('POST', given.storm, {})
      submitted++
    }
  }
  await Promise.all(Array.from({ length: 4 }, submit))
  let live = Infinity
  while (live > 0) live = (await visitor.call('GET', '/server')).live_jobs
  const ended = performance.now()
  const newest = (await visitor.call('GET', '/jobs?limit=1')).items[0]
  await page.waitForFunction((name) => [...document.querySelectorAll('[role=grid] [role=row]')].some((row) => row.textContent.includes(name) && row.textContent.includes('Complete')), newest.name)
  const behind = performance.now() - ended
  const frames = await stop.evaluate((finish) => finish())
  const tasks = await page.evaluate(() => window.bench.longTasks)
  const rows = Number(await page.getByRole('grid', { name: 'Jobs' }).getAttribute('aria-rowcount')) - 1
  await page.waitForTimeout(2000)
  const after = await heapOf(page)
  await page.context().close()
  const busy = tasks.reduce((sum, each) => sum + each, 0)
  return {
    jobs: submitted, seconds: (ended - began) / 1000, shown_after_ms: behind, rows, requests, before, after, frame_median: percentile(frames, 50), frame_p95: percentile(frames, 95),
    long_tasks: tasks.length, longest_task_ms: Math.max(0, ...tasks), long_tasks_share: busy / (ended - began),
  }
}

/** Pages that stay open while a job comes every few seconds and another writes on; each minute their heaps, collected. */
async function longLive(visitor) {
  const { seconds, submit, talk, every_ms = 3000, sample_ms = 60_000 } = given.live
  const talks = await visitor.call('POST', talk, {})
  const paths = { home: '/', jobs: '/jobs', log: `/jobs/${talks.id}/logs` }
  const pages = {}
  for (const [name, path] of Object.entries(paths)) {
    pages[name] = await visitor.page()
    await pages[name].goto(path)
  }
  const began = performance.now()
  const samples = []
  let submitted = 0
  const sample = async () => {
    const found = { minute: (performance.now() - began) / 60_000, submitted }
    for (const [name, page] of Object.entries(pages)) found[name] = await heapOf(page)
    samples.push(found)
    say(`  ${JSON.stringify(found)}`)
  }
  let next = sample_ms
  await sample()
  while (performance.now() - began < seconds * 1000) {
    await visitor.call('POST', submit, {})
    submitted++
    await pages.home.waitForTimeout(every_ms)
    if (performance.now() - began < next) continue
    await sample()
    next += sample_ms
  }
  await visitor.call('POST', `/jobs/${talks.id}/stop`)
  for (const page of Object.values(pages)) await page.context().close()
  return { seconds, jobs: submitted, samples }
}

const visitor = await Visitor.signIn()
try {
  const results = { chromium: visitor.browser.version() }
  const part = async (name, measure) => {
    if (given.only && !given.only.includes(name)) return
    const began = performance.now()
    results[name] = await measure()
    say(`  ${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  await part('home', () => load(visitor, '/', 'home'))
  await part('jobs', () => load(visitor, '/jobs', 'jobs'))
  await part('navigation', () => navigation(visitor))
  await part('scroll', () => scroll(visitor))
  await part('search', () => filterAndSort(visitor))
  await part('log', () => longLog(visitor))
  await part('storm', () => storm(visitor))
  if (given.many) await part('many_projects', () => manyProjects(visitor))
  if (given.live) await part('live', () => longLive(visitor))
  process.stdout.write(`${JSON.stringify(results)}\n`)
} finally {
  await visitor.browser.close()
}
