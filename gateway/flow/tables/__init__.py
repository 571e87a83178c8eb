"""Exchanging by table: rows written to a region's front-end database, rows read from it, rejections on either side."""
