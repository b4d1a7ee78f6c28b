import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schemas } from '../src/api/client'
import { axe, expect, fails, fits, kPhone, test, World } from './world'

const card = (name: string) => ({ name })

test('a template is found, read and installed, and what it makes trains by its form', async ({ as, world, picture }) => {
  const page = await as('scientist')
  await page.goto('/catalog')
  const cards = page.getByRole('list', { name: 'Templates' })
  await expect(cards.getByRole('link')).not.toHaveCount(0)
  await axe(page)
  await fits(page)
  await picture(page, 'catalog')
  await page.keyboard.press('/')
  await page.keyboard.type('words text')
  await expect(cards.getByRole('link')).toHaveCount(1)
  await expect(page).toHaveURL(/text=words/)
  await cards.getByRole('link', card('Text classification')).click()
  await expect(page).toHaveURL('/catalog/built-in/text-classification')
  await expect(page.getByRole('region', { name: 'What it asks for' })).toContainText('a git repository')
  await expect(page.getByText('pintle catalog install built-in/text-classification')).toBeVisible()
  await axe(page)
  await fits(page)
  await page.getByRole('link', { name: 'Install…' }).click()
  const name = world.unique('messages')
  await page.getByLabel('Name of the project').fill(name)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/step=config/)
  await page.getByLabel('Messages to make').fill('400')
  await page.getByRole('checkbox', { name: 'Pairs of words' }).check()
  await axe(page)
  await picture(page, 'catalog-install')
  await page.getByRole('button', { name: 'Next: Values' }).click()
  const values = page.getByRole('textbox', { name: 'Values in YAML' })
  await expect(values).toContainText('400')
  await axe(page)
  await page.getByRole('button', { name: 'Next: Install' }).click()
  const document = page.getByRole('textbox', { name: 'Project document in YAML' })
  await expect(document).toContainText(`name: ${name}`)
  await expect(document).toContainText('--messages 400')
  await axe(page)
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await expect(page).toHaveURL(`/projects/${name}`)
  await expect(page.getByRole('link', { name: 'Form' })).toBeVisible()
  const prepared = await world.reached(await world.run({ name }, 'prepare-data'))
  expect(prepared.state).toBe('Complete')
  await page.getByRole('link', { name: 'Form' }).click()
  await page.getByLabel('Epochs').fill('2')
  await page.getByLabel('Accuracy to reach').fill('0.1')
  await page.getByRole('button', { name: 'Build' }).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  const job = await world.reached({ id: /[0-9A-Z]{26}/.exec(page.url())?.[0] ?? '', name: 'train' })
  expect(job.state).toBe('Complete')
  expect(job.form_values).toMatchObject({ epochs: 2 })
})

test('what is wrong stands at its question and at its step, and a name that is taken is told', async ({ as, world }) => {
  const taken = await world.project()
  const page = await as('scientist')
  await page.goto('/catalog/built-in/digits/install')
  await page.getByLabel('Name of the project').fill('Not A Name')
  await expect(page.getByText('Use 1 to 63 lower-case letters').last()).toBeVisible()
  await page.getByLabel('Name of the project').fill(taken.name)
  await expect(page.getByRole('button', { name: /^Call it tiny-/ })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'To be mended' })).toContainText('Application')
  await axe(page)
  await page.getByRole('button', { name: /^Call it tiny-/ }).click()
  await page.getByRole('button', { name: /^Next/ }).click()
  await page.getByLabel('Source code', { exact: true }).fill('git@x')
  await expect(page.getByText('expected a git repository')).toBeVisible()
  await expect(page.getByRole('link', { name: /Configuration/ })).toContainText('✕')
  await axe(page)
  await page.getByRole('link', { name: /Values/ }).click()
  await expect(page.getByRole('list', { name: 'What is wrong' })).toContainText('expected a git repository')
  const values = page.getByRole('textbox', { name: 'Values in YAML' })
  await values.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText('a: [\n')
  await expect(page.getByRole('link', { name: /Values/ })).toContainText('✕')
  await page.getByRole('link', { name: /Configuration/ }).click()
  await expect(page.getByRole('alert')).toContainText('The values cannot be read in line')
  // What was typed is there again.
  await page.reload()
  await page.getByRole('link', { name: /Values/ }).click()
  await expect(values).toContainText('git@x')
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect(values).not.toContainText('git@x')
  await page.getByRole('button', { name: 'Next: Install' }).click()
  await expect(page.getByRole('button', { name: 'Install', exact: true })).toBeEnabled()
})

test('nothing found, nothing there, and what fails are said, and can be tried again', async ({ as, watchdog }) => {
  watchdog.allow(/500/)
  const page = await as('scientist')
  await page.goto('/catalog?text=nothing-is-like-it')
  await expect(page.getByTestId('empty')).toContainText('No template is like that')
  await page.getByRole('button', { name: 'Show all templates' }).click()
  await expect(page.getByRole('link', card('Handwritten digits'))).toBeVisible()
  await page.goto('/catalog/built-in/digts')
  await expect(page.getByTestId('empty')).toContainText('did you mean digits?')
  await axe(page)
  const mend = await fails(page, '/catalog')
  await page.goto('/catalog')
  await expect(page.getByRole('alert')).toContainText('The catalog could not be read: The disk is on fire.')
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('link', card('Handwritten digits'))).toBeVisible()
  await page.goto('/catalog/built-in/digits/install?step=install')
  await expect(page.getByRole('button', { name: 'Install', exact: true })).toBeEnabled()
  await fails(page, '/catalog/built-in/digits/install')
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('It was not installed: The disk is on fire.')
  await page.route('**/api/v1/catalog', (asked) => asked.fulfill({ json: { catalogs: [], items: [] } satisfies Schemas['Catalog'] }))
  await page.goto('/catalog')
  await expect(page.getByTestId('empty')).toContainText('No templates')
  await axe(page)
})

test('every kind of question is asked, and catalogs that are broken or out of reach say so', async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-catalog-'))
  const put = (name: string, text: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  put('broken/Chart.yaml', 'Name: Broken\nVersion: [\n')
  put('wide/Chart.yaml', `Name: '<img src=x onerror=alert(1)> ${'寬معدل'.repeat(20)}'\nVersion: 2.0.0\nDescription: ${'long '.repeat(60)}\nHome: 'javascript:alert(1)'\nIcon: https://host.example/a.png\nKeywords: [${'x'.repeat(200)}]\n`)
  put('wide/README.md', '# Wide\n\n<script>alert(1)</script> **bold**\n')
  put(
    'wide/values.yaml',
    `# All kinds
storage: {value: nowhere, wizard: {name: Storage, kind: cluster_storage}}
src: {value: '', revision: '', accountId: '', wizard: {name: Source code, kind: git}} # mine
dataset: {value: '', version: '', workspace: '', wizard: {name: Dataset, kind: dataset}}
base: {value: '', version: '', workspace: '', wizard: {name: Base model, kind: model}}
fw: {value: "2.2.0", wizard: {name: Framework, kind: select, options: ["2.1.0", "2.2.0"]}}
gpu: {value: false, wizard: {name: Use GPUs, kind: boolean}}
note: {value: '', wizard: {name: '${'N'.repeat(255)}', kind: text, required: true}}
long: {value: '', wizard: {name: Longer, kind: text, multiline: true}}
epochs: 5
`,
  )
  put(
    'wide/ml-templates/config.yaml',
    `name: x
tasks:
- name: train
  resources: [{name: worker, command: 'echo {{ .note.value }} {{ .epochs }} {{ .fw.value }} {{ .gpu.value }} {{ .dataset.value }}-{{ .dataset.version }} {{ .base.workspace }}'}]
sources:
- name: src
  {{ if .src.value }}git: {repository: {{ gitRepo .src.value }}, revision: {{ quote .src.revision }}}{{ else }}cluster_storage: {{ .storage.value }}{{ end }}
`,
  )
  const world = await World.fresh(`catalogs:\n- {name: mine, folder: ${folder}}\n- {name: away, git: "file:///nowhere/at/all"}\n`)
  try {
    await world.setPassword(await world.welcomeCode())
    const { cookie } = await world.signIn('operator')
    for (const viewport of [kPhone, { width: 1280, height: 720 }]) {
      const context = await browser.newContext({ baseURL: world.url, viewport, colorScheme: 'dark' })
      await context.addCookies([{ name: 'pintle_session', value: cookie, url: world.url, httpOnly: true, sameSite: 'Lax' }])
      const page = await context.newPage()
      await page.goto('/catalog')
      await expect(page.getByText('The catalog away cannot be read')).toContainText('there is no git repository')
      await expect(page.getByText('broken: 2 faults')).toBeVisible()
      await fits(page)
      await axe(page)
      await page.getByRole('button', { name: 'Read mine again' }).click()
      await expect(page.getByText('mine was read: 2 templates.')).toBeVisible()
      await page.goto('/catalog/mine/broken')
      await expect(page.getByRole('region', { name: 'It is broken and makes no projects' })).toContainText('Chart.yaml')
      await expect(page.getByRole('link', { name: 'Install…' })).toHaveCount(0)
      await page.goto('/catalog/mine/wide')
      await expect(page.getByText('<script>alert(1)</script>')).toBeVisible()
      await expect(page.getByRole('link', { name: 'javascript:alert(1)' })).toHaveCount(0)
      await fits(page)
      await axe(page)
      await page.goto('/catalog/mine/wide/install?step=config')
      await expect(page.getByText('it must be given')).toBeVisible()
      await expect(page.getByRole('combobox', { name: 'Storage' })).toHaveValue('default')
      await page.getByLabel('N'.repeat(255)).fill('hello')
      await page.getByLabel('Source code', { exact: true }).fill('https://host.example/org/repo')
      await page.getByLabel('Revision of Source code').fill('v1')
      await page.getByLabel('Dataset', { exact: true }).fill('faces')
      await page.getByLabel('Version of Dataset').fill('1.2')
      await page.getByLabel('Workspace of Base model').fill('lab')
      await page.getByRole('combobox', { name: 'Framework' }).click()
      await page.getByRole('option', { name: '2.1.0' }).click()
      await page.getByRole('checkbox', { name: 'Use GPUs' }).check()
      await fits(page)
      await axe(page)
      await page.getByRole('link', { name: /Install/ }).last().click()
      const document = page.getByRole('textbox', { name: 'Project document in YAML' })
      await expect(document).toContainText('echo hello 5 2.1.0 true faces-1.2 lab')
      await expect(document).toContainText('https://host.example/org/repo')
      await page.getByRole('link', { name: /Values/ }).click()
      const values = page.getByRole('textbox', { name: 'Values in YAML' })
      await expect(values).toContainText('# All kinds')
      await expect(values).toContainText('# mine')
      await fits(page)
      await context.close()
    }
  } finally {
    await world.stop()
    rmSync(folder, { recursive: true })
  }
})
