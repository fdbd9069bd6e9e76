/** Route patterns of this service. */
export const OWN_ROUTES =
  /^\/(?:v1\/(?:subjects\/:id\/(?:timeline|collections|disclosures)|collections|disclosures|recipients|access-log|integrity|standing|findings|register\/.+|reports\/.+|evidence)|ops\/audit\/.+)$/;
