import type { Page } from '@playwright/test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shrink } from './png'
import { inTheme } from './theme'

const kFolder = fileURLToPath(new URL('../../docs/screens', import.meta.url))

/** A picture in both themes for the documentation, when it is asked for. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.UPDATE_SCREENS !== '1') return
  mkdirSync(kFolder, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await inTheme(page, colorScheme)
    const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
    writeFileSync(join(kFolder, `${name}-${colorScheme}.png`), shrink(picture))
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
