//! The database service that an application holds.
