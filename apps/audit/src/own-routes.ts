/** Route patterns of this service. */
export const OWN_ROUTES =
  /^\/(?:v1\/(?:subjects\/:id\/(?:timeline|collections|disclosures|data-map|consent-states)|collections|disclosures|recipients|dashboard|access-log|integrity|standing|findings(?:\/:finding(?:\/(?:assign|resolve|reopen))?)?|register\/.+|reports\/.+|evidence|search|views(?:\/:id)?|exports(?:\/:id(?:\/file)?)?)|ops\/audit\/.+)$/;
