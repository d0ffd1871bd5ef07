//! The server's side: the PHP whitelist and the install SQL.
