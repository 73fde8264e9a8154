-- Applied before the clock starts, as `squid-typeorm-migration apply` would.
CREATE TABLE entry (
  id text PRIMARY KEY, block int4 NOT NULL, log_index int4 NOT NULL, tx_hash text NOT NULL,
  name text NOT NULL, product_id text NOT NULL, actor text NOT NULL, data_hash text)
