/** Route patterns of this service. */
export const OWN_ROUTES =
  /^\/(?:v1\/(?:requests|sessions|center|disposal-tasks|systems|fulfilment|packages|mail)|people|opendsr|ops\/requests)(?:\/|$)/;
