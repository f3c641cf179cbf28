-- Inscriptions pédagogiques of APOGÉE: person × teaching element × open academic year, of whoever has a valid registration (IA).
--
-- Gives: COD_ETU (student number), COD_ANU, COD_ETP, COD_VRS_VET, COD_ELP, LIB_ELP. Who has one element through several étapes has
--        several rows: they say the same.
-- Reads: IND_CONTRAT_ELP, INS_ADM_ETP, INDIVIDU, ANNEE_UNI, ELEMENT_PEDAGOGI (SELECT on these five).
-- Why:   IND_CONTRAT_ELP has no student number, so INDIVIDU is joined; and it keeps the elements of people who cancelled or never
--        paid, so the IA is joined on person, year, étape and version. TEM_PRC_ICE = 'O' is a result kept from an earlier year.
-- Adapt: copy the file and name yours in `query`. Where kept results are to lead into the course too, take TEM_PRC_ICE out; where
--        suspended elements are still taught, take TEM_SUS_ELP out; for ETA_PMT_IAE and ANNEE_UNI see apogee/ia.
-- Standard SQL: the same on Oracle and on tables of these names in PostgreSQL, MariaDB or MySQL.
SELECT ind.COD_ETU,
       ice.COD_ANU,
       ice.COD_ETP,
       ice.COD_VRS_VET,
       ice.COD_ELP,
       elp.LIB_ELP
  FROM IND_CONTRAT_ELP ice
       JOIN ANNEE_UNI anu ON anu.COD_ANU = ice.COD_ANU AND anu.ETA_ANU_IAE = 'O'
       JOIN INS_ADM_ETP iae
            ON iae.COD_IND = ice.COD_IND
           AND iae.COD_ANU = ice.COD_ANU
           AND iae.COD_ETP = ice.COD_ETP
           AND iae.COD_VRS_VET = ice.COD_VRS_VET
           AND iae.ETA_IAE = 'E'
           AND iae.ETA_PMT_IAE = 'P'
       JOIN INDIVIDU ind ON ind.COD_IND = ice.COD_IND
       JOIN ELEMENT_PEDAGOGI elp ON elp.COD_ELP = ice.COD_ELP AND elp.ETA_ELP = 'O' AND elp.TEM_SUS_ELP = 'N'
 WHERE ice.TEM_PRC_ICE = 'N'
