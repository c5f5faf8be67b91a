/** Where the person goes on when a form was not accepted: the first field that is wrong. */

/** Focuses the first invalid control inside `form`, once it is drawn as such. */
export function focusFirstInvalid(form: HTMLElement): void {
  requestAnimationFrame(() => {
    form
      .querySelector<HTMLElement>(
        '[data-invalid] :is(input, textarea, button), :is(input, textarea)[aria-invalid="true"]',
      )
      ?.focus()
  })
}
