-- Up Migration
ALTER TABLE nothing_like_it ADD COLUMN x int;
