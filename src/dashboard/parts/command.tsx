import { Copy } from './copy.tsx'

/** A command to be typed elsewhere. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} what={text} />
    </div>
  )
}
