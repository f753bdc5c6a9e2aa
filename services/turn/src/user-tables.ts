import { DatabaseSync } from 'node:sqlite';

/** Of coturn's schema.sql; all are empty. */
const tables = [
  "turnusers_lt (realm varchar(127) default '', name varchar(512), hmackey char(128), PRIMARY KEY (realm,name))",
  "turn_secret (realm varchar(127) default '', value varchar(256), primary key (realm,value))",
  "allowed_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range))",
  "denied_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range))",
  'turn_origin_to_realm (origin varchar(127), realm varchar(127), primary key (origin))',
  "turn_realm_option (realm varchar(127) default '', opt varchar(32), value varchar(128), primary key (realm,opt))",
  "oauth_key (kid varchar(128), ikm_key varchar(256), timestamp bigint default 0, lifetime integer default 0, as_rs_alg varchar(64) default '', realm varchar(127), primary key (kid))",
  'admin_user (name varchar(32), realm varchar(127), password varchar(127), primary key (name))',
];

/**
 * coturn looks into its database of users before it computes a key itself. Each of its threads would make the tables when it
 * looks first, and where two do so at once one of them refuses its client ("database is locked"): so they are made before.
 */
export function makeUserTables(file: string): void {
  const database = new DatabaseSync(file);
  for (const table of tables) database.exec(`CREATE TABLE ${table}`);
  database.close();
}
