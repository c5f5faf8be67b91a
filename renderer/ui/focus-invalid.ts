/** Where the person goes on when a form was not accepted: the first field that is wrong. */

/** Inputs that are wrong themselves, lists that are, and the first choice of a group that is. */
const invalidControls = [
  ':is(input, textarea)[aria-invalid="true"]',
  '[data-invalid] .select-button',
  ':is([role="group"], [role="radiogroup"])[data-invalid] input',
].join(', ')

/** Focuses the first invalid control inside `form`, once it is drawn as such. */
export function focusFirstInvalid(form: HTMLElement): void {
  requestAnimationFrame(() => {
    form.querySelector<HTMLElement>(invalidControls)?.focus()
  })
}
