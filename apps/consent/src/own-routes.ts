/** Route patterns of this service. */
export const OWN_ROUTES =
  /^\/(?:v1\/(?:consents|decisions|objections|restrictions|ages|guardians|notices|purposes|policy|consent-state|propagation|receipts|subjects\/[^/]+\/(?:consents|consent-history))|ops\/consent)(?:\/|$)/;
