-- A small web shop, as an example of a system that holds personal data. Nobody in it exists.
create schema storefront;

create table storefront.customer (
  id text primary key,
  email text not null unique,
  full_name text not null,
  phone text,
  birth_date date,
  newsletter boolean not null default false,
  loyalty_score numeric(6, 2),
  created_at timestamptz not null default now()
);

create table storefront.address (
  id bigint generated always as identity primary key,
  customer_id text not null references storefront.customer,
  street text not null,
  city text not null,
  postcode varchar(10),
  country char(2) not null
);

create table storefront.orders (
  id bigint primary key,
  customer_id text not null references storefront.customer,
  ordered_at timestamptz not null,
  total numeric(12, 2) not null,
  delivery_note text
);

create table storefront.order_line (
  order_id bigint not null references storefront.orders,
  line integer not null,
  product text not null,
  quantity integer not null check (quantity > 0),
  primary key (order_id, line)
);

create table storefront.browsing_event (
  id bigint generated always as identity primary key,
  customer_id text,
  device_id uuid,
  page text not null,
  ip inet,
  seen_at timestamptz not null
);

create table storefront.tax_invoice (
  number text primary key,
  order_id bigint not null references storefront.orders,
  billed_to text not null,
  billing_address text not null,
  amount numeric(12, 2) not null,
  issued_on date not null
);

insert into storefront.customer values
  ('c-1001', 'Somchai@mail.example', 'Somchai Jaidee', '+66812345678', '1985-04-12', true, 7.25, '2024-01-05T03:00:00Z'),
  ('c-1002', 'malee@mail.example', 'Malee Suksan', null, '1990-11-30', false, null, '2024-02-01T03:00:00Z'),
  ('c-1003', 'anan@mail.example', 'Anan Thongdee', '+66899999999', null, false, 1, '2024-03-01T03:00:00Z');

insert into storefront.address (customer_id, street, city, postcode, country) values
  ('c-1001', '1 Rama IV Road', 'Bangkok', '10500', 'TH'),
  ('c-1002', '2 Nimman Road', 'Chiang Mai', '50200', 'TH'),
  ('c-1002', '3 Beach Road', 'Phuket', '83000', 'TH');

insert into storefront.orders values
  (1, 'c-1001', '2026-01-10T08:30:00Z', 1290.00, 'Leave it with the guard'),
  (2, 'c-1001', '2026-02-11T09:00:00Z', 90.50, null),
  (3, 'c-1002', '2026-02-12T10:00:00Z', 500.00, 'Ring twice');

insert into storefront.order_line values (1, 1, 'Rice cooker', 1), (1, 2, 'Tea', 3), (2, 1, 'Soap', 2), (3, 1, 'Lamp', 1);

insert into storefront.browsing_event (customer_id, device_id, page, ip, seen_at) values
  ('c-1001', '6a1f7f0e-93a8-4a35-9a0c-111111111111', '/rice-cookers', '192.0.2.1', '2026-01-10T08:00:00Z'),
  (null, '6a1f7f0e-93a8-4a35-9a0c-111111111111', '/', '192.0.2.1', '2026-01-09T08:00:00Z'),
  ('c-1002', '6a1f7f0e-93a8-4a35-9a0c-222222222222', '/lamps', '192.0.2.2', '2026-02-12T09:00:00Z');

insert into storefront.tax_invoice values
  ('T-1', 1, 'Somchai Jaidee', '1 Rama IV Road, Bangkok', 1290.00, '2026-01-10'),
  ('T-3', 3, 'Malee Suksan', '2 Nimman Road, Chiang Mai', 500.00, '2026-02-12');
