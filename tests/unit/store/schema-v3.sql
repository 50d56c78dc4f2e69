-- What version 3 wrote: two runs, the first finished, with its details, an attempt, an embedding
-- that nobody can unseal any more, and two tries of an attack.  Never changed.
CREATE TABLE run (  id INTEGER PRIMARY KEY,  name TEXT NOT NULL,  network TEXT NOT NULL,  state TEXT NOT NULL,  began INTEGER NOT NULL,  ended INTEGER NOT NULL,  model TEXT);
CREATE TABLE run_option (  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,  name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (run, name));
CREATE TABLE run_figure (  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,  name TEXT NOT NULL, value REAL NOT NULL, UNIQUE (run, name));
CREATE TABLE run_point (  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,  name TEXT NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL);
CREATE INDEX run_point_of ON run_point (run, name, step);
CREATE TABLE embedding (  model TEXT NOT NULL,  capture TEXT NOT NULL,  stamp TEXT NOT NULL,  vector BLOB NOT NULL,  UNIQUE (model, capture));
CREATE TABLE attempt (  id INTEGER PRIMARY KEY,  moment INTEGER NOT NULL,  person TEXT NOT NULL,  accepted INTEGER NOT NULL,  score REAL NOT NULL,  threshold REAL NOT NULL,  picture BLOB);
CREATE TABLE presentation (  id INTEGER PRIMARY KEY,  moment INTEGER NOT NULL,  model TEXT NOT NULL,  shown TEXT NOT NULL,  matched INTEGER NOT NULL,  opened INTEGER NOT NULL);
INSERT INTO embedding VALUES ('abc', 'anchor/Ada/s/1.jpg', '1 2', x'00');
INSERT INTO attempt VALUES (1, 1790000000, 'Ada', 0, 0.25, 0.5, NULL);
INSERT INTO run VALUES (1, 'First', 'siamese', 'finished', 1790000000, 1790000100, 'siamese-2026-09-21-1413');
INSERT INTO run VALUES (2, 'Größer', 'koch', 'failed', 1790000200, 1790000300, NULL);
INSERT INTO run_option VALUES (1, 'epochs', '30');
INSERT INTO run_figure VALUES (1, 'eer', 0.25);
INSERT INTO run_point VALUES (1, 'loss', 10, 0.75), (1, 'loss', 20, 0.5);
INSERT INTO presentation VALUES (1, 1790000000, 'likeness', 'print', 1, 0), (2, 1790000001, 'likeness', 'person', 1, 1);
PRAGMA user_version = 3;
