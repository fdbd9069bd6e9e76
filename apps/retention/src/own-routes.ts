/** Route patterns of this service. */
export const OWN_ROUTES = /^\/(?:v1\/(?:holds|disposals|reviews|retention|subjects\/[^/]+\/holdings)|ops\/retention)(?:\/|$)/;
