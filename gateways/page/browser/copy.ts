/** Copy buttons: each copies what stands before it. */

/** Milliseconds for which a button says that it has copied. */
const SHOWN = 2_000;

/** Lets every copy button work, also those that come later. */
export function offerCopying(): void {
  document.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLButtonElement && target.classList.contains("copy")) void copy(target);
  });
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = button.previousElementSibling!;
  try {
    await navigator.clipboard.writeText(text.textContent);
    say(button, "Copied");
  } catch {
    // Without https there is no clipboard: what is selected the reader can copy.
    getSelection()!.selectAllChildren(text);
    say(button, "Selected");
  }
}

function say(button: HTMLButtonElement, word: string): void {
  button.textContent = word;
  announce(word);
  setTimeout(() => (button.textContent = "Copy"), SHOWN);
}

/** Tells it to those who do not see it. */
export function announce(text: string): void {
  document.querySelector("#news")!.textContent = text;
}
