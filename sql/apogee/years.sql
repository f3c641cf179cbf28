-- The academic years that are open for registration, for feeds that are read elsewhere: years = { feed = "NAME", column = "COD_ANU" }.
--
-- Gives: COD_ANU. From June to October there are usually two.
-- Reads: ANNEE_UNI.
SELECT anu.COD_ANU
  FROM ANNEE_UNI anu
 WHERE anu.ETA_ANU_IAE = 'O'
