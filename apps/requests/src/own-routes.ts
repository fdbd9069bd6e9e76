/** Route patterns of this service. */
export const OWN_ROUTES = /^\/(?:v1\/(?:requests|systems|fulfilment|packages|mail)|opendsr|ops\/requests)(?:\/|$)/;
