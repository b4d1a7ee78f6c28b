import { expect, kPassword, test, Watchdog, World } from './world'

const kReport = `import json, os, urllib.request
path = f"{os.environ['PINTLE_URL']}/api/v1/jobs/{os.environ['PINTLE_JOB_ID']}/properties"
head = {"Authorization": "Bearer " + os.environ["PINTLE_TOKEN"], "Content-Type": "application/json"}
urllib.request.urlopen(urllib.request.Request(path, json.dumps({"accuracy": 0.975}).encode(), head))
print("the model is trained")`

const kDocument = `name: first-steps
summary: Learns to walk.
tasks:
- name: train
  kind: training
  resources:
  - name: worker
    command: |
      python3 - <<'PROGRAM'
${kReport.replace(/^/gm, '      ')}
      PROGRAM
`

test('a newcomer comes from the link of the first start to the result of a first job, in the browser alone', async ({ browser }) => {
  const world = await World.fresh()
  const watchdog = new Watchdog(world.url)
  try {
    const context = await browser.newContext({ baseURL: world.url })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url })
    watchdog.watch(context)
    const page = await context.newPage()

    await page.goto(`/welcome#${await world.welcomeCode()}`)
    await page.getByLabel('New password').fill(kPassword)
    await page.getByLabel('The same again').fill(kPassword)
    await page.getByRole('button', { name: 'Set it and sign in' }).click()

    await expect(page.getByTestId('empty')).toContainText('Your first project')
    await page.getByTestId('empty').getByRole('link', { name: 'New project' }).click()
    await page.getByText('From a file', { exact: true }).click()
    await page.evaluate((text) => navigator.clipboard.writeText(text), kDocument)
    await page.getByRole('textbox', { name: 'Project file' }).click()
    await page.keyboard.press('Control+v')
    await page.getByRole('button', { name: 'Make the project' }).click()

    await expect(page).toHaveURL('/projects/first-steps')
    await expect(page.getByText('Learns to walk.')).toBeVisible()
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await expect(page.getByRole('status', { name: 'Forecast' })).toContainText('Would start now')
    await page.getByRole('treeitem', { name: 'worker' }).click()
    await page.getByLabel('CPU, at least').fill('100m')
    await page.getByRole('button', { name: 'Save and run' }).click()

    await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}$/)
    await expect(page.getByRole('heading', { level: 1 })).toContainText('train:1')
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Complete', { timeout: 60_000 })
    await expect(page.getByRole('region', { name: 'Last lines' })).toContainText('the model is trained')
    const results = page.getByRole('region', { name: 'Results' })
    await expect(results).toContainText('accuracy')
    await expect(results).toContainText('0.975')
    await page.getByRole('link', { name: 'All logs' }).click()
    await expect(page.getByRole('log')).toContainText('the model is trained')
    await context.close()
    watchdog.bark()
  } finally {
    await world.stop()
  }
})
