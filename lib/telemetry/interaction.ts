const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An interaction id that may be shown: a UUID, as FAPI1-BASE-6.2.1-11 has it. Where nobody settled the header, a caller may have put anything there. */
export const shownInteraction = (interaction: string | undefined): string | undefined =>
  interaction !== undefined && UUID.test(interaction) ? interaction : undefined
